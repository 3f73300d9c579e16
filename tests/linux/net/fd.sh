#!/bin/bash
# A tap that jvmm was given open carries the guest's frames, with no name and no right to open one
. "$ROOT/tests/linux/session.sh"
. "$ROOT/tests/linux/tap.sh"

# Opens the tap (TUNSETIFF with IFF_TAP, IFF_NO_PI, IFF_VNET_HDR) and becomes a command, in whose words FD is its number.
open_tap='
  $^F = 255;
  open(my $tap, "+<", "/dev/net/tun") or die "/dev/net/tun: $!";
  ioctl($tap, 0x400454ca, pack("a16 S x22", shift, 0x0002 | 0x1000 | 0x4000)) or die "TUNSETIFF: $!";
  my $number = fileno $tap;
  s/\bFD\b/$number/ for @ARGV;
  exec @ARGV or die "$ARGV[0]: $!";'
jvmm=$JVMM
run_jvmm() { exec perl -e "$open_tap" "$tap" setpriv --bounding-set=-net_admin "$jvmm" "$@"; }
JVMM=run_jvmm

make_tap
start_networked --net tap=fd:FD <<GUEST
ping -c 3 -w 30 $host_ip > /dev/null && echo guest reaches host
read -r line
GUEST
await '^guest reaches host'
busybox ping -c 3 -w 30 "$guest_ip" > "$WORK/ping" || { cat "$WORK/ping"; die "the host does not reach the guest"; }
type_line end
finish_guest
expect_status 0
expect_no_error
