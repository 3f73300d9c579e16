#!/bin/bash
# fio finds in a shared folder what it wrote, by read, write and mmap; dbench and fs_mark run on it without an error
# limit: 900
. "$ROOT/tests/linux/workloads.sh"
on_share "$WORKLOADS" <<'GUEST'
set -e
cd /run/share/work
now() { echo "$(cut -d ' ' -f 1 /proc/uptime) $*"; }
check() { # NAME OPTIONS...
  name=$1
  shift
  fio --name="$name" --filename="fio-$name" --size=4M --verify=crc32c --verify_fatal=1 --verify_state_save=0 "$@" > /run/fio || { cat /run/fio; exit 1; }
  now "fio $name"
}
check sequential --rw=write --bs=256k --ioengine=psync --end_fsync=1
check random --rw=randwrite --bs=4k --ioengine=psync --end_fsync=1
check mixed --rw=randrw --bsrange=512-64k --bs_unaligned=1 --ioengine=psync --verify_backlog=64
check mapped --rw=randwrite --bs=4k --ioengine=mmap
check vectors --rw=randwrite --bs=16k --ioengine=pvsync --iodepth=4 --thread --numjobs=1
now fs_mark
fs_mark -d "$PWD/mark" -n 40 -s 4096 -t 2 -S 1 -k > /run/mark || { cat /run/mark; exit 1; }
echo "marked $(find mark -type f -size 4096c | wc -l)"
now dbench
dbench -t 5 -D /run/share/work -c /usr/share/dbench/client.txt 2 > /run/dbench || { cat /run/dbench; exit 1; }
grep Throughput /run/dbench
now end
GUEST
expect '^marked 80$'
expect '^Throughput'
[ "$(find "$WORK/shared/mark" -type f | wc -l)" = 80 ] || die "$(find "$WORK/shared/mark")"
