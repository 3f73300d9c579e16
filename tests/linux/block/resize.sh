#!/bin/bash
# A disk that gets longer while the guest has it mounted can be written to its new end; Flight Recorder has its queues
. "$ROOT/tests/linux/session.sh"
jfr=$("$ROOT/bin/find-jdk")/bin/jfr
[ -x "$jfr" ] || skip "no jfr in this JDK"
truncate -s 32M "$WORK/disk"
mkfs.ext4 -q -F "$WORK/disk"
start_script --disk "$WORK/disk" --control "$WORK/vm.sock" --jfr "$WORK/run.jfr" << 'GUEST'
mount -t ext4 /dev/vdb /mnt
echo before > /mnt/file
echo sectors $(cat /sys/block/vdb/size)
until [ "$(cat /sys/block/vdb/size)" = 131072 ]; do sleep 0.1; done
echo sectors $(cat /sys/block/vdb/size)
echo the end | dd of=/dev/vdb bs=512 seek=131071 conv=sync,fsync 2> /dev/null
echo after >> /mnt/file
sync
dd if=/dev/vdb of=/tmp/last bs=512 skip=131071 iflag=direct 2> /dev/null
cat /mnt/file
echo last: $(head -n 1 /tmp/last)
GUEST
await '^sectors 65536$'
truncate -s 64M "$WORK/disk"
[ "$("$JVMM" control "$WORK/vm.sock" disk-resize disk=disk1)" = '{"bytes":67108864}' ] || die "the answer to disk-resize is another"
finish_guest
expect_status 0
expect '^sectors 131072$'
expect '^last: the end$'
[ "$(tail -c 512 "$WORK/disk" | head -n 1)" = 'the end' ] || die "the image's last sector is not the guest's"
"$jfr" print --json --events io.jvmm.VirtioQueue "$WORK/run.jfr" > "$WORK/events" || die "the recording cannot be read"
grep -q '"device": *"disk' "$WORK/events" || { head -n 40 "$WORK/events"; die "no queue of a disk is in the recording"; }
