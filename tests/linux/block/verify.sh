#!/bin/bash
# What fio writes, in order and at random, 4 KiB to 1 MiB at a time, direct and through the page cache, reads back right
# limit: 900
truncate -s 64M "$WORK/disk"
BOOT_LIMIT=800
run_in_guest --disk "$TOOLS,ro" --disk "$WORK/disk" --cpus 2 << 'GUEST'
set -e
{
  echo '[global]
filename=/dev/vdc
ioengine=libaio
iodepth=16
verify=crc32c
verify_fatal=1
verify_dump=0
do_verify=1
verify_state_save=0
randrepeat=0
stonewall'
  for direct in 1 0; do
    for order in write randwrite; do
      for size in 4k:8m 64k:32m 1m:64m; do
        echo "[$order-${size%:*}-direct=$direct]"
        echo "rw=$order"
        echo "bs=${size%:*}"
        echo "size=${size#*:}"
        echo "direct=$direct"
      done
    done
  done
  echo '[mixed-sizes]
rw=randwrite
bsrange=512-128k
blockalign=512
size=8m
direct=1
iodepth=32'
} > /run/job
mount -t ext4 -o ro /dev/vdb /mnt
if /mnt/fio --eta=never --output=/run/log /run/job; then verdict=right; else verdict=wrong; cat /run/log; fi
jobs=$(grep -c 'err= 0' /run/log)
echo "fio: $jobs jobs, $verdict"
GUEST
expect '^fio: 13 jobs, right$'
