#!/bin/bash
# Two queue pairs, an MTU of 9000, the PCI transport, and a limit that holds by count
. "$ROOT/tests/linux/session.sh"
. "$ROOT/tests/linux/tap.sh"

size=$((8 << 20))
make_tap multi_queue
ip link set "$tap" mtu 9000
head -c $size /dev/urandom > "$WORK/down"
start_networked --cpus 2 --transport pci --net "tap=$tap,queues=2,rx-bps=4M,rx-bps-burst=1M" --stats=json <<GUEST
echo mtu \$(cat /sys/class/net/eth0/mtu)
echo queues \$(ls -d /sys/class/net/eth0/queues/rx-* | wc -l)
grep virtio /proc/interrupts
ping -c 2 -w 30 -s 8900 $host_ip > /dev/null && echo reaches host with long frames
for i in 0 1; do
  nc -l -p 700\$i < /dev/null > /tmp/down
  sha256sum < /tmp/down | sed "s/^/got \$i /"
done
grep virtio /proc/interrupts
GUEST
await '^reaches host'
send_to_guest "$WORK/down" 7000
send_to_guest "$WORK/down" 7001
finish_guest
expect_status 0
expect '^mtu 9000'
expect '^queues 2'
expect "^got 0 $(sum "$WORK/down")"
expect "^got 1 $(sum "$WORK/down")"
throttled=$(net_counter receive.throttled)
# 16 MiB less a burst come in turns of the limiter, each after a wait of its own.
[ "${throttled:-0}" -ge 16 ] || die "the limit was reached ${throttled:-no} times"
