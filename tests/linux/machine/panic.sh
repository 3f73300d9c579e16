#!/bin/bash
# A kernel panic ends the process with status 1 and one line: a crash that was asked for, and a root that is missing
crash=$(base64 -w 0 <<< 'drain; echo c > /proc/sysrq-trigger')

boot --kernel "$VMLINUX" --rootfs "$ROOTFS,ro" --quiet --cpus 2 --cmdline "jvmm.run=$crash"
expect_status 1
expect 'Kernel panic - not syncing: sysrq triggered crash'
[ "$(cat "$WORK/err")" = "jvmm: the guest's kernel panicked" ] || die "stderr is: $(cat "$WORK/err")"

boot --kernel "$VMLINUX" --rootfs "$ROOTFS,ro" --quiet --transport pci --cmdline pci=off
expect_status 1
expect 'VFS: Unable to mount root fs'
expect_error '^jvmm: it had a driver for none of its virtio devices: '

boot --kernel "$VMLINUX" --quiet
expect_status 1
expect 'VFS: Unable to mount root fs'
expect_error "^jvmm: the guest's kernel panicked$"

boot --kernel "$DEBIAN_KERNEL" --initrd "$DEBIAN_INITRD" --quiet --cmdline "jvmm.run=$crash"
expect_status 1
expect 'Kernel panic - not syncing: sysrq triggered crash'
expect_error "^jvmm: the guest's kernel panicked$"
