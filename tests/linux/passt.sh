# shellcheck shell=bash
# For tests with passt: a network of their own, whose only way out is a tap that leads nowhere. The host of it is
# $host_address; a guest finds the host's loopback at $gateway. A test reads this file with
# `. "$ROOT/tests/linux/passt.sh"` before it does anything else.

host_address=10.99.0.2 gateway=10.99.0.1

for program in passt socat; do
  command -v $program > /dev/null || skip "no $program on this host (apt install $program)"
done
[ "$(id -u)" = 0 ] || skip 'only root makes a network namespace and its tap'
if [ -z "${IN_NETWORK:-}" ]; then
  # shellcheck disable=SC2016 # the test again, inside
  IN_NETWORK=1 exec unshare --net --mount bash -c '. "$LINUX_LIB"; . "$0"' "$0"
fi
ip link set lo up
ip tuntap add dev outside mode tap
ip addr add $host_address/24 dev outside
ip link set outside up
ip route add default via $gateway

# Answers of a program at a port of this host to a line, asked for until there is one.
ask() { # LINE SOCAT-ADDRESS
  local answer=
  for _ in {1..60}; do
    answer=$(socat -T 2 -t 2 - "$2" <<< "$1" 2> /dev/null) || true
    [ -z "$answer" ] || break
    sleep 0.2
  done
  echo "$answer"
}
