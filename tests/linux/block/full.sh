#!/bin/bash
# A host whose file system is full: the guest's writes fail as I/O errors, the machine goes on, and so does the disk when
# there is room
[ "$(id -u)" = 0 ] || skip "only root mounts a small file system"
mkdir "$WORK/small"
mount -t tmpfs -o size=4m tmpfs "$WORK/small"
trap 'umount "$WORK/small"' EXIT
truncate -s 16M "$WORK/small/disk"
run_in_guest --disk "$WORK/small/disk" --stats=json <<'GUEST'
try() { "$@" > /run/log 2>&1 && echo yes || { echo no: $(grep -v records /run/log); }; }
echo fits: $(try dd if=/dev/urandom of=/dev/vdb bs=1M count=2 oflag=direct)
echo full: $(try dd if=/dev/urandom of=/dev/vdb bs=1M count=6 seek=2 oflag=direct)
echo read: $(try dd if=/dev/vdb of=/dev/null bs=1M iflag=direct)
blkdiscard /dev/vdb
echo room again: $(try dd if=/dev/urandom of=/dev/vdb bs=1M count=2 oflag=direct)
GUEST
expect '^fits: yes$'
expect '^full: no: .*[Ii](nput/output|/O) error'
expect '^read: yes$'
expect '^room again: yes$'
expect_error '"error.requests":[1-9]'
