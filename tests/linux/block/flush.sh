#!/bin/bash
# What the guest flushes survives a power cut of the host, what it only writes does not (a block device, a file on ext4)
# dm-log-writes below the disks takes down what a power cut would leave: writes that a flush of the device completed.
# The disk is put together again from the log up to a mark. The first mark is the control: written, not flushed; a jvmm
# that ignored flushes would fail at the second.
. "$ROOT/tests/linux/device-mapper.sh"
. "$ROOT/tests/linux/power-cut.sh"
. "$ROOT/tests/linux/session.sh"
trap 'end_session; undo_mapper' EXIT
size=$((64 * 1024 * 1024))

logged_device disk
disk=$device
logged_device file
mkfs.ext4 -q "$device"
mkdir "$WORK/mounted"
mount "$device" "$WORK/mounted"
mapper_undo+=("umount $WORK/mounted")
head -c 4M /dev/zero > "$WORK/mounted/image"
sync -f "$WORK/mounted/image"

mark() { # NAME
  local mapped
  for mapped in "$disk" "$device"; do dmsetup message "$mapped" 0 mark "$1"; done
}

start_script --disk "$disk" --disk "$WORK/mounted/image" <<'GUEST'
for disk in b c; do yes "written to vd$disk" | head -c 65536 | dd of=/dev/vd$disk bs=64k iflag=fullblock oflag=direct status=none; done
echo written
read -r _
sync /dev/vdb /dev/vdc
echo flushed
read -r _
GUEST
await '^written$'
mark written
type_line
await '^flushed$'
mark flushed
kill -KILL "$jvmm_pid"
finish_guest
undo_mapper # completes the logs
mapper_undo=()

for disk in b c; do
  { yes "written to vd$disk" || true; } | head -c 65536 > "$WORK/expected-$disk" # `yes` ends by SIGPIPE
done
on_disk() { cmp -s -n 65536 "$WORK/replayed" "$WORK/expected-b"; }
in_file() {
  e2fsck -fy "$WORK/replayed" > "$WORK/fsck" || [ $? = 1 ] || { cat "$WORK/fsck"; die "the replayed file system is broken"; }
  debugfs -R "dump /image $WORK/image" "$WORK/replayed"
  cmp -s -n 65536 "$WORK/image" "$WORK/expected-c"
}

replay "$WORK/disk.log" written "$WORK/replayed"
! on_disk || die "what was not flushed is on the disk already: this test proves nothing"
replay "$WORK/disk.log" flushed "$WORK/replayed"
on_disk || die "what was flushed is not on the disk"

replay "$WORK/file.log" written "$WORK/replayed"
! in_file || die "what was not flushed is in the file already: this test proves nothing"
replay "$WORK/file.log" flushed "$WORK/replayed"
in_file || die "what was flushed is not in the file"
