#!/bin/bash
# The small kernel's ELF file boots with its root file system, tells what it has, and powers off
boot --kernel "$VMLINUX" --rootfs "$ROOTFS,ro" --quiet --cmdline jvmm.poweroff
expect_status 0
expect '^  kernel  Linux 6\.1'
expect '^  CPUs    1$'
expect '^  memory  [0-9]+ MiB$'
expect '^  root    ext4 on /dev/vda \(ro\)$'
expect_no_error
