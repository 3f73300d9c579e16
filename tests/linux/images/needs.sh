#!/bin/bash
# The small kernel has what containers, shared folders and the agent need (guest-images/checks/guest-needs.sh, run in it)
cp "$ROOT/guest-images/checks/guest-needs.sh" "$WORK/script"
truncate -s %512 "$WORK/script" # a disk is whole sectors
boot --kernel "$VMLINUX" --rootfs "$ROOTFS,ro" --disk "$WORK/script,ro" --mem 512M --cpus 2 --quiet --cmdline 'jvmm.run=@/dev/vdb'
expect_status 0
expect '^ok [0-9]+ - kvmclock$'
expect_not '^not ok'
expect '^jvmm\.exit=0$'
expect_no_error
