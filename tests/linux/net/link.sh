#!/bin/bash
# The guest sees its cable pulled, plugged in and lost with a tap that is deleted, and lives on
. "$ROOT/tests/linux/session.sh"
. "$ROOT/tests/linux/tap.sh"

link() { "$JVMM" control "$WORK/vm.sock" link net=net0 state="$1"; } # up|down
make_tap
start_networked --net "tap=$tap" --control "$WORK/vm.sock" <<GUEST
carrier() {
  n=0
  until [ "\$(cat /sys/class/net/eth0/carrier)" = \$1 ]; do
    n=\$((n + 1)); [ \$n -lt 300 ] || return 1
    sleep 0.1
  done
  echo carrier \$1 at \$2
}
carrier 1 first
carrier 0 pull
carrier 1 plug
ping -c 2 -w 30 $host_ip > /dev/null && echo reaches host again
carrier 0 deletion
ping -c 1 -w 2 $host_ip > /dev/null || echo reaches nobody
GUEST
await '^carrier 1 at first'
answer=$(link down) || die "link down is refused: $answer"
[[ $answer = *'"state":"down"'* ]] || die "link down answers $answer"
await '^carrier 0 at pull'
link up > /dev/null
await '^reaches host again'
remove_tap
await '^carrier 0 at deletion'
finish_guest
expect_status 0
expect '^reaches nobody'
expect_error "^jvmm: tap $tap: the tap is gone; the guest's link is down$"
[ "$(wc -l < "$WORK/err")" = 1 ] || die "it is told more than once"
