#!/bin/bash
# --console FILE has what the guest says, --console none throws it away, and stdout stays empty
boot --kernel "$VMLINUX" --rootfs "$ROOTFS,ro" --quiet --cmdline jvmm.poweroff --console "$WORK/console"
expect_status 0
expect_no_error
[ ! -s "$WORK/out" ] || die "stdout is not empty"
tr -d '\r' < "$WORK/console" | grep -E '^  root    ext4 on /dev/vda \(ro\)$' || die "the file has not the guest's words: $(cat "$WORK/console")"

boot --kernel "$VMLINUX" --rootfs "$ROOTFS,ro" --quiet --cmdline jvmm.poweroff --console none
expect_status 0
expect_no_error
[ ! -s "$WORK/out" ] || die "stdout is not empty"
