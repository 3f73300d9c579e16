#!/bin/bash
# Whenever the power is cut, the disk holds every line that the guest was told is synced, and its file system is sound
# limit: 600
# dm-log-writes below the disk knows what a power cut would leave. A jvmm that ignored flushes would fail at each cut.
. "$ROOT/tests/linux/device-mapper.sh"
. "$ROOT/tests/linux/power-cut.sh"
. "$ROOT/tests/linux/session.sh"
trap 'end_session; undo_mapper' EXIT
size=$((64 * 1024 * 1024))
cuts=${CUTS:-8}

logged_device disk
mkfs.ext4 -q -F "$device"
sync "$device"

start_script --cpus 2 --disk "$device" << 'GUEST'
mount -t ext4 /dev/vdb /mnt
number=0
while :; do
  number=$((number + 1))
  echo "line $number" >> /mnt/lines
  echo "$number" > /mnt/file.$((number % 5))
  sync /mnt/lines
  echo "synced $number"
done
GUEST
for ((cut = 1; cut <= cuts; cut++)); do
  await "^synced $((cut * 5))\$"
  dmsetup message "$device" 0 mark "cut-$cut"
done
kill -KILL "$jvmm_pid"
finish_guest > "$WORK/console"
undo_mapper # completes the log
mapper_undo=()

for ((cut = 1; cut <= cuts; cut++)); do
  replay "$WORK/disk.log" "cut-$cut" "$WORK/replayed"
  e2fsck -fy "$WORK/replayed" > "$WORK/fsck" || [ $? = 1 ] || { cat "$WORK/fsck"; die "cut $cut: the file system is broken"; }
  ! grep UNEXPECTED "$WORK/fsck" || { cat "$WORK/fsck"; die "cut $cut: the file system needed more than its journal"; }
  debugfs -R 'cat /lines' "$WORK/replayed" 2> /dev/null > "$WORK/kept"
  for ((number = 1; number <= cut * 5; number++)); do
    grep -qx "line $number" "$WORK/kept" || die "cut $cut: line $number was synced and is lost"
  done
done
echo "$cuts cuts, none lost a line of $((cuts * 5))"
