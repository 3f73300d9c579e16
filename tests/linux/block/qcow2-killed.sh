#!/bin/bash
# What the guest has synced is in its qcow2 image after kill -9 in the middle of other writes, and nothing but leaks is wrong
command -v qemu-img > /dev/null || skip "there is no qemu-img (Debian's package qemu-utils)"
. "$ROOT/tests/linux/session.sh"
truncate -s 64M "$WORK/base"
mkfs.ext4 -q -F "$WORK/base"
qemu-img create -q -f qcow2 -b base -F raw "$WORK/disk"
start_script --disk "$WORK/disk,format=qcow2,backing=$WORK/base" <<'GUEST'
mount -t ext4 /dev/vdb /mnt
echo in a file | dd of=/mnt/synced conv=fsync status=none
echo synced
n=0
while :; do n=$((n + 1)); dd if=/dev/urandom of=/mnt/more$((n % 9)) bs=64k count=20 conv=fsync status=none; done
GUEST
await '^synced$'
sleep 2
kill -KILL "$jvmm_pid"
finish_guest
expect_status 137
qemu-img check -f qcow2 "$WORK/disk" || [ $? = 3 ] || die "the image is broken"
qemu-img convert -f qcow2 -O raw "$WORK/disk" "$WORK/raw"
e2fsck -fy "$WORK/raw" > "$WORK/fsck" || [ $? = 1 ] || { cat "$WORK/fsck"; die "the file system is broken"; }
cat "$WORK/fsck"
! grep UNEXPECTED "$WORK/fsck" || die "the file system needed more than its journal"
[ "$(debugfs -R 'cat /synced' "$WORK/raw" 2> /dev/null)" = 'in a file' ] || die "the file is lost"
