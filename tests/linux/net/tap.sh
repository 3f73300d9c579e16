#!/bin/bash
# Over a tap guest and host reach each other, and files go both ways unharmed
. "$ROOT/tests/linux/session.sh"
. "$ROOT/tests/linux/tap.sh"

size=$((32 << 20))
make_tap
head -c $size /dev/urandom > "$WORK/down"
start_networked --net "tap=$tap,mac=02:00:00:00:07:01" --stats=json <<GUEST
ip addr show eth0
ping -c 3 -w 30 $host_ip > /dev/null && echo guest reaches host
nc -l -p 7000 < /dev/null > /tmp/down
sha256sum < /tmp/down | sed 's/^/got /'
rm /tmp/down
head -c $size /dev/urandom > /tmp/up
sha256sum < /tmp/up | sed 's/^/sends /'
nc -l -p 7001 < /tmp/up
GUEST
await '^guest reaches host'
busybox ping -c 3 -w 30 "$guest_ip" > "$WORK/ping" || { cat "$WORK/ping"; die "the host does not reach the guest"; }
send_to_guest "$WORK/down" 7000
await '^sends '
take_from_guest "$WORK/up" 7001
finish_guest
expect_status 0
expect 'link/ether 02:00:00:00:07:01'
expect "inet $guest_ip/24"
expect "^got $(sum "$WORK/down")"
expect "^sends $(sum "$WORK/up")"
[ "$(stat -c %s "$WORK/up")" = $size ] || die "not all has come"
for direction in receive transmit; do
  bytes=$(net_counter "$direction.bytes") frames=$(net_counter "$direction.frames")
  [ "${bytes:-0}" -ge $size ] || die "the device counts only ${bytes:-no} bytes ($direction)"
  # Frames of 1500 bytes would be more: segments are offloaded both ways.
  [ "$frames" -lt $((size / 4000)) ] || die "$frames frames for $bytes bytes ($direction)"
done
