#!/bin/bash
# Linux sees a disk's queues, serial number, block sizes, cache mode and limits, and gives discarded space back
for disk in b c d; do
  head -c 8M /dev/urandom > "$WORK/$disk"
done
run_in_guest --cpus 2 --stats=json --disk "$WORK/b,id=my-disk" --disk "$WORK/c,ro,queues=1" \
  --disk "$WORK/d,cache=writethrough,iops=50,iops-burst=5" <<'GUEST'
cd /sys/block
for disk in vdb vdc vdd; do
  echo $disk queues $(ls $disk/mq | wc -l) serial $(cat $disk/serial) cache $(cat $disk/queue/write_cache) ro $(cat $disk/ro)
  echo $disk logical $(cat $disk/queue/logical_block_size) physical $(cat $disk/queue/physical_block_size)
done
echo 'write through' > vdb/cache_type
echo vdb is now $(cat vdb/cache_type), $(cat vdb/queue/write_cache)
echo 'write back' > vdb/cache_type
echo vdb is again $(cat vdb/cache_type), $(cat vdb/queue/write_cache)
[ $(cat vdb/queue/discard_max_bytes) -gt 0 ] && echo vdb discards
[ $(cat vdc/queue/discard_max_bytes) -gt 0 ] || echo vdc does not
[ $(cat vdb/queue/write_zeroes_max_bytes) -gt 0 ] && echo vdb zeroes
blkdiscard -o 1048576 -l 4194304 /dev/vdb && echo discarded
dd if=/dev/vdb bs=1M skip=1 count=4 iflag=direct 2> /dev/null | tr -d '\0' | wc -c | sed 's/^/left of it: /'
for cpu in 0 1; do
  taskset $((1 << cpu)) dd if=/dev/vdb of=/dev/null bs=4k count=50 iflag=direct 2> /dev/null && echo cpu $cpu reads
done
dd if=/dev/vdd of=/dev/null bs=4k count=30 iflag=direct 2> /dev/null && echo slow but done
dd if=/dev/zero of=/dev/vdd bs=4k count=3 oflag=direct 2> /dev/null && echo written through
GUEST
expect '^vdb queues 2 serial my-disk cache write back ro 0$'
expect '^vdc queues 1 serial disk2 cache write back ro 1$'
expect '^vdd queues 2 serial disk3 cache write through ro 0$'
expect '^vdb logical 512 physical [0-9]+$'
expect '^vdb is now write through, write through$'
expect '^vdb is again write back, write back$'
expect '^vdb discards$'
expect '^vdc does not$'
expect '^vdb zeroes$'
expect '^discarded$'
expect '^left of it: 0$'
expect '^cpu 0 reads$'
expect '^cpu 1 reads$'
expect '^slow but done$'
expect '^written through$'
expect_error '"discard.requests":[1-9]'
expect_error '"throttled":[1-9]'
blocks=$(stat --format=%b "$WORK/b")
[ "$blocks" -lt $((5 * 2048)) ] || die "the host's file still has $blocks blocks of 16384"
