#!/bin/bash
# A guest lives on a qcow2 overlay: QEMU finds it whole, its content is right, the image below is untouched
command -v qemu-img > /dev/null || skip "there is no qemu-img (Debian's package qemu-utils)"
mkdir "$WORK/images"
cp "$ROOTFS" "$WORK/images/root"
before=$(sha256sum < "$WORK/images/root")
qemu-img create -q -f qcow2 -b images/root -F raw "$WORK/overlay"
qemu-img create -q -f qcow2 -o cluster_size=4k "$WORK/disk" 16M

boot --kernel "$VMLINUX" --rootfs "$WORK/overlay,format=qcow2"
expect_status 2
expect_error "builds upon 'images/root'.*backing=PATH"

script=$(base64 -w 0 << 'GUEST'
set -ex
echo kept > /root/kept
mke2fs -F /dev/vdb > /dev/null
mount -t ext4 /dev/vdb /mnt
cp -r /etc /bin/busybox /mnt/
dd if=/dev/zero of=/mnt/gone bs=64k count=50 conv=fsync status=none
rm /mnt/gone
sync
fstrim /mnt 2> /dev/null || true
sha256sum < /mnt/busybox > /mnt/hash
umount /mnt
GUEST
)
BOOT_LIMIT=200
boot --kernel "$VMLINUX" --rootfs "$WORK/overlay,format=qcow2,backing=$WORK/images" --disk "$WORK/disk,format=qcow2" \
  --quiet --cmdline "jvmm.run=$script"
expect_status 0
expect '^  root    ext4 on /dev/vda \(rw\)$'
expect '^jvmm\.exit=0$'
expect_no_error
for image in overlay disk; do
  qemu-img check -f qcow2 "$WORK/$image" || die "qemu-img finds $image broken"
  qemu-img convert -f qcow2 -O raw "$WORK/$image" "$WORK/$image.raw"
  e2fsck -fn "$WORK/$image.raw" || die "the file system on $image is damaged"
done
[ "$(sha256sum < "$WORK/images/root")" = "$before" ] || die "the image below has changed"
[ "$(debugfs -R 'cat /root/kept' "$WORK/overlay.raw" 2> /dev/null)" = kept ] || die "the guest's file is not there"
[ "$(debugfs -R 'cat /busybox' "$WORK/disk.raw" 2> /dev/null | sha256sum)" = "$(debugfs -R 'cat /hash' "$WORK/disk.raw" 2> /dev/null)" ] ||
  die "the copy in the guest's file system is not what it was"
