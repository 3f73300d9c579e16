#!/bin/bash
# A root file system that may be written, and a file system that the guest makes, are sound after a power off
cp "$ROOTFS" "$WORK/root"
chmod 600 "$WORK/root"
truncate -s 16M "$WORK/disk"
script=$(base64 -w 0 << 'GUEST'
set -e
echo kept > /root/kept
mke2fs -F /dev/vdb > /dev/null
mount -t ext4 /dev/vdb /mnt
cp -r /etc /bin/busybox /mnt/
cmp /bin/busybox /mnt/busybox
sha256sum < /mnt/busybox > /mnt/hash
umount /mnt
GUEST
)
boot --kernel "$VMLINUX" --rootfs "$WORK/root" --disk "$WORK/disk" --quiet --cmdline "jvmm.run=$script"
expect_status 0
expect '^  root    ext4 on /dev/vda \(rw\)$'
expect '^jvmm\.exit=0$'
expect_no_error
e2fsck -fn "$WORK/root" || die "the root file system is damaged"
e2fsck -fn "$WORK/disk" || die "the file system that the guest made is damaged"
[ "$(debugfs -R 'cat /root/kept' "$WORK/root" 2> /dev/null)" = kept ] || die "the guest's file is not on the root file system"
[ "$(debugfs -R 'cat /busybox' "$WORK/disk" 2> /dev/null | sha256sum)" = "$(debugfs -R 'cat /hash' "$WORK/disk" 2> /dev/null)" ] ||
  die "the copy in the guest's file system is not what it was"
