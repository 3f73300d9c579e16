#!/bin/bash
# A machine of 64 MiB boots, from the ELF file and from the bzImage
for kernel in "$VMLINUX" "$BZIMAGE"; do
  boot --kernel "$kernel" --rootfs "$ROOTFS,ro" --mem 64M --quiet --cmdline jvmm.poweroff
  expect_status 0
  expect '^  root    ext4 on /dev/vda \(ro\)$'
  mib=$(sed -n 's/^  memory  \([0-9]*\) MiB$/\1/p' "$WORK/out")
  [ "$mib" -le 64 ] || die "the guest sees $mib MiB"
  expect_no_error
done
