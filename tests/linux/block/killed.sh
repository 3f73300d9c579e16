#!/bin/bash
# What the guest has synced is on its disk after kill -9 in the middle of other writes, on a raw disk and in a file system
. "$ROOT/tests/linux/session.sh"
truncate -s 32M "$WORK/raw-disk" "$WORK/disk"
mkfs.ext4 -q -F "$WORK/disk"
start_script --disk "$WORK/raw-disk" --disk "$WORK/disk" <<'GUEST'
mount -t ext4 /dev/vdc /mnt
echo on the raw disk | dd of=/dev/vdb conv=fsync status=none
echo in a file | dd of=/mnt/synced conv=fsync status=none
echo synced
while :; do dd if=/dev/zero of=/mnt/more bs=64k count=64 conv=fsync status=none; done
GUEST
await '^synced$'
sleep 1
kill -KILL "$jvmm_pid"
finish_guest
expect_status 137
[ "$(head -c 15 "$WORK/raw-disk")" = 'on the raw disk' ] || die "the raw disk has lost it"
e2fsck -fy "$WORK/disk" > "$WORK/fsck" || [ $? = 1 ] || { cat "$WORK/fsck"; die "the file system is broken"; }
cat "$WORK/fsck"
! grep UNEXPECTED "$WORK/fsck" || die "the file system needed more than its journal"
[ "$(debugfs -R 'cat /synced' "$WORK/disk" 2> /dev/null)" = 'in a file' ] || die "the file is lost"
