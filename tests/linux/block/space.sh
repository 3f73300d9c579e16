#!/bin/bash
# What the guest discards goes back to the host's file system, by blkdiscard, fstrim and without the page cache too
head -c 32M /dev/urandom > "$WORK/disk"
head -c 32M /dev/urandom > "$WORK/direct"
truncate -s 64M "$WORK/files"
kib() { sync "$1"; du -k "$1" | cut -f 1; }
[ "$(kib "$WORK/disk")" -ge 32768 ] || skip "this file system tells no space"
run_in_guest --disk "$WORK/disk" --disk "$WORK/direct,direct" --disk "$WORK/files" --disk "$TOOLS,ro" <<'GUEST'
blkdiscard -o 8388608 -l 16777216 /dev/vdb && echo discarded
blkdiscard -o 8388608 -l 16777216 /dev/vdc && echo discarded direct
echo zeroes=$(dd if=/dev/vdb bs=1M skip=8 count=16 iflag=direct status=none | tr -d '\0' | wc -c)
mkdir /run/tools && mount -t ext4 -o ro /dev/vde /run/tools || exit 1
/run/tools/mke2fs -q -F -t ext4 -E lazy_itable_init=0,lazy_journal_init=0 /dev/vdd && mount -t ext4 /dev/vdd /mnt || exit 1
dd if=/dev/urandom of=/mnt/large bs=1M count=32 conv=fsync status=none
rm /mnt/large && sync
fstrim /mnt && echo trimmed
umount /mnt
GUEST
for name in disk direct; do
  left=$(kib "$WORK/$name")
  echo "$name: $left KiB left"
  [ "$left" -le $((16384 + 64)) ] || die "$name still takes $left KiB"
done
left=$(kib "$WORK/files")
echo "files: $left KiB left"
[ "$left" -le 16384 ] || die "fstrim left $left KiB"
expect '^discarded$'
expect '^discarded direct$'
expect '^zeroes=0$'
expect '^trimmed$'
expect_no_error
