#!/bin/bash
# Whoever listens at a Unix socket carries the guest's frames, and when it has gone and come back, again
. "$ROOT/tests/linux/passt.sh"
SOCKETS=$(mktemp -d /tmp/unix.XXXXXX) # a socket's path is short
chmod 777 "$SOCKETS"                  # passt becomes nobody before it makes its own
end_sockets() {
  end_network
  rm -rf "$SOCKETS"
}
trap end_sockets EXIT

peer_pid=
start_peer() {
  passt --foreground --quiet --socket "$SOCKETS/net" --tcp-ports 8080:80 --udp-ports none 2> "$WORK/passt.log" &
  peer_pid=$!
  servers+=($peer_pid)
  for _ in {1..300}; do
    ! ss -Hlx | grep -qF " $SOCKETS/net " || return 0
    sleep 0.1
  done
  cat "$WORK/passt.log"
  die "passt does not listen at $SOCKETS/net"
}

serve_lines tcp 7001 host-tcp
start_peer
start_dhcp_guest --disk "$TOOLS,ro" --net "unix=$SOCKETS/net" << GUEST
carrier() {
  n=0
  until [ "\$(cat /sys/class/net/eth0/carrier)" = \$1 ]; do
    n=\$((n + 1)); [ \$n -lt 600 ] || return 1
    sleep 0.1
  done
  echo carrier \$1 \$2
}
ip addr show eth0
carrier 1 first
say TCP:$gateway:7001 first
serve_lines TCP-LISTEN:80 guest-tcp
carrier 0 alone
carrier 1 again
say TCP:$gateway:7001 again
read -r line
GUEST
await '^host-tcp-first'
expect_answer tcp 8080 first guest-tcp-first
kill "$peer_pid"
await '^carrier 0 alone'
start_peer
await '^carrier 1 again'
await '^host-tcp-again'
expect_answer tcp 8080 again guest-tcp-again
type_line end
finish_guest
expect_status 0
expect "inet $host_address/24"
expect_error "^jvmm: unix socket $SOCKETS/net: .*; the guest's link is down$"
expect_error "^jvmm: unix socket $SOCKETS/net: back; the guest's link is up$"
[ "$(wc -l < "$WORK/err")" = 2 ] || die 'each is not said once'
