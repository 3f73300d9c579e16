#!/bin/bash
# The small kernel's bzImage boots with an initramfs
boot --kernel "$BZIMAGE" --initrd "$TEST_INITRD" --quiet --cmdline jvmm.poweroff
expect_status 0
expect '^  kernel  Linux 6\.1'
expect '^  root    (rootfs|tmpfs)'
expect_no_error
