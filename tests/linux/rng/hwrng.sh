#!/bin/bash
# With --rng the guest reads different random bytes from the host each time
run_in_guest --rng --stats=json <<'GUEST'
cat /sys/class/misc/hw_random/rng_current
head -c 2000 /dev/hwrng | sha256sum | sed 's/^/first /'
head -c 2000 /dev/hwrng | sha256sum | sed 's/^/second /'
GUEST
expect '^virtio_rng'
first=$(sed -n 's/^first \([0-9a-f]\{64\}\).*/\1/p' "$WORK/out")
second=$(sed -n 's/^second \([0-9a-f]\{64\}\).*/\1/p' "$WORK/out")
[ ${#first} = 64 ] || die "nothing was read"
[ "$first" != "$second" ] || die "the same bytes twice"
bytes=$(sed -n 's/.*"name":"rng"[^}]*"read.bytes":\([0-9]*\).*/\1/p' "$WORK/err")
[ "${bytes:-0}" -ge 4000 ] || die "the device counts only ${bytes:-no} bytes"
