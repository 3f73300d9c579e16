#!/bin/bash
# What a guest echoes is what was sent to it, two streams at once, for TRANSFER seconds (5)
# limit: 1200
. "$ROOT/tests/linux/session.sh"
. "$ROOT/tests/linux/tap.sh"
command -v socat > /dev/null || skip "no socat on this host (apt install socat)"

seconds=${TRANSFER:-5}
size=$((16 << 20))
make_tap
head -c $size /dev/urandom > "$WORK/random"
start_networked --mem 256M --disk "$TOOLS,ro" --net "tap=$tap" --stats=json << 'GUEST'
mount -t ext4 -o ro /dev/vdb /mnt
/mnt/socat -t 60 TCP-LISTEN:7000,fork,reuseaddr EXEC:cat &
until grep -q ':1B58 ' /proc/net/tcp; do sleep 0.2; done
echo listens
read word
GUEST
await '^listens'

# Each round sends the bytes turned by another step, so that what is left of one round never looks like the next.
stream() { # NUMBER
  local round=0 step sent back
  while [ $SECONDS -lt "$end" ]; do
    round=$((round + 1))
    step=$(((round * 2 + $1) * 4099 % size))
    { tail -c +$((step + 1)) "$WORK/random"; head -c $step "$WORK/random"; } > "$WORK/sent$1"
    sent=$(sum "$WORK/sent$1")
    back=$(timeout 120 socat -t 60 - "TCP:$guest_ip:7000" < "$WORK/sent$1" | sha256sum | cut -d ' ' -f 1)
    [ "$sent" = "$back" ] || { echo "stream $1, round $round: sent $sent, came back $back"; return 1; }
  done
  echo "stream $1: $round rounds of $size bytes each way, all the same"
}
end=$((SECONDS + seconds))
stream 0 &
other=$!
stream 1 || die "bytes were lost or changed"
wait $other || die "bytes were lost or changed"
type_line end
finish_guest
expect_status 0
bytes=$(net_counter transmit.bytes)
[ "${bytes:-0}" -ge $((2 * size)) ] || die "the device counts only ${bytes:-no} bytes"
