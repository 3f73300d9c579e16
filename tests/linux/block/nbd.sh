#!/bin/bash
# Disks served by nbd-server over a Unix socket and TCP hold what is written, though it is killed and restarted twice
. "$ROOT/tests/linux/session.sh"
. "$ROOT/tests/linux/nbd-server.sh"
trap 'end_session; stop_server' EXIT
truncate -s 32M "$WORK/disk"
start_server "$WORK/disk"
# Two disks over one image: each writes its own half.
start_script --cpus 2 --disk "$nbd_unix" --disk "$nbd_tcp" <<'GUEST'
dd if=/dev/urandom of=/run/data bs=1M count=8 status=none
write() { # DEVICE SEEK
  local round
  for round in 1 2 3 4; do
    dd if=/run/data of=/dev/$1 bs=64k seek=$2 oflag=direct conv=notrunc status=none || echo "a write to $1 failed"
    echo "$1 round $round"
  done
}
write vdb 0 &
write vdc 256 &
wait
sync /dev/vdb /dev/vdc
echo 3 > /proc/sys/vm/drop_caches
echo data=$(sha256sum < /run/data | cut -c 1-64)
echo vdb=$(dd if=/dev/vdb bs=64k count=128 iflag=direct status=none | sha256sum | cut -c 1-64)
echo vdc=$(dd if=/dev/vdc bs=64k count=128 skip=256 iflag=direct status=none | sha256sum | cut -c 1-64)
GUEST
for round in 1 3; do
  await "^vd[bc] round $round\$"
  stop_server
  sleep 1 # the guest writes on
  start_server "$WORK/disk"
done
finish_guest
expect_status 0
expect '^jvmm\.exit=0$'
expect_not 'failed'
[ "$(stat -c %s "$WORK/disk")" = $((32 << 20)) ] || die "the image has changed its size"
data=$(sed -n 's/^data=//p' "$WORK/out")
expect "^vdb=$data\$"
expect "^vdc=$data\$"
for at in 0 16; do
  [ "$(dd if="$WORK/disk" bs=1M skip=$at count=8 status=none | sha256sum | cut -c 1-64)" = "$data" ] ||
    die "what the server has at $at MiB is not what was written"
done
expect_error 'disk nbd\+unix:.*requests wait until it is back$'
expect_error 'disk nbd:.*requests wait until it is back$'
expect_error 'disk nbd:.* is back$'
[ "$(grep -cE 'disk [^ ]+ is back$' "$WORK/err")" -le 4 ] || die "more news than restarts"
