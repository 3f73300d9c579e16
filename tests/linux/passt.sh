# shellcheck shell=bash
# For tests with passt: a network of their own, whose only way out is a tap that leads nowhere. The host of it is
# $host_address, which a guest is given too; the guest finds the host's loopback at $gateway, and the host itself at
# $elsewhere. A test reads this file with `. "$ROOT/tests/linux/passt.sh"` before it does anything else, and has
# session.sh with it.

host_address=10.99.0.2 gateway=10.99.0.1 elsewhere=10.98.0.1

for program in passt socat ip; do
  command -v $program > /dev/null || skip "no $program on this host (apt install ${program/#ip/iproute2})"
done
[ "$(id -u)" = 0 ] || skip 'only root makes a network namespace and its tap'
if [ -z "${IN_NETWORK:-}" ]; then
  # shellcheck disable=SC2016 # the test again, inside
  IN_NETWORK=1 exec unshare --net --mount bash -c '. "$LINUX_LIB"; . "$0"' "$0"
fi
ip link set lo up
ip addr add $elsewhere/32 dev lo
ip tuntap add dev outside mode tap
ip addr add $host_address/24 dev outside
ip link set outside up
ip route add default via $gateway
echo '0 2147483647' > /proc/sys/net/ipv4/ping_group_range # as systemd has it: anybody may ping, and so passt

. "$ROOT/tests/linux/session.sh"
servers=() # processes of this test, besides jvmm
end_network() {
  local pid
  end_session
  for pid in "${servers[@]}"; do kill "$pid" 2> /dev/null || true; done
}
trap end_network EXIT

# A program in the background that listens at a port; waits until it does.
serve() { # tcp|udp PORT PROGRAM...
  local protocol=$1 port=$2
  shift 2
  "$@" &
  servers+=($!)
  for _ in {1..300}; do
    [ -z "$(ss -Hln "--$protocol" "sport = :$port")" ] || return 0
    sleep 0.1
  done
  die "nobody listens at $protocol $port: $*"
}

# A server of the host's loopback that answers a line with `WORD-LINE`.
serve_lines() { # tcp|udp PORT WORD
  local socket=TCP-LISTEN:$2,reuseaddr
  [ "$1" = tcp ] || socket=UDP-RECVFROM:$2
  serve "$1" "$2" socat "$socket,bind=127.0.0.1,fork" "SYSTEM:read -r line; echo $3-\$line"
}

# What answers a line at a port of this host, asked until there is an answer.
ask() { # tcp|udp PORT LINE
  local answer='' end=$((SECONDS + ${ASK_LIMIT:-60}))
  until [ -n "$answer" ] || [ $SECONDS -ge $end ]; do
    # A process of its own, as one that is hung up on ends by a signal.
    answer=$(exec 2> /dev/null 9<> "/dev/$1/127.0.0.1/$2" && echo "$3" >&9 && timeout 10 head -n 1 <&9) || sleep 0.2
  done
  echo "$answer"
}
expect_answer() { # tcp|udp PORT LINE ANSWER
  local answer
  answer=$(ask "$1" "$2" "$3")
  [ "$answer" = "$4" ] || { tail -n 30 "$WORK/raw"; die "$1 port $2 answers '$answer' to '$3', expected '$4'"; }
}

# As start_script, with an address by DHCP, what TOOLS has at /mnt (a test names it, so that it is made), and in the script
#   say SOCAT-ADDRESS LINE      prints what is answered
#   serve_lines SOCAT-ADDRESS WORD   as above
start_dhcp_guest() { # --disk "$TOOLS,ro" OPTIONS...
  WORDS=ip=dhcp start_script "$@" < <(
    cat << 'GUEST'
mount -o ro /dev/vdb /mnt
say() { rm -f /tmp/said; /mnt/socat $1 "SYSTEM:echo $2; read -r x; echo \$x > /tmp/said"; cat /tmp/said; }
serve_lines() { /mnt/socat $1,fork "SYSTEM:read -r x; echo $2-\$x" & }
GUEST
    cat
  )
}
