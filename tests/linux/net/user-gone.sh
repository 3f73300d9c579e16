#!/bin/bash
# A passt that is killed leaves the guest without a link and jvmm with one line to say; a port that is taken is an error
. "$ROOT/tests/linux/passt.sh"

WORDS=ip=dhcp start_script --net user << 'GUEST'
echo carrier $(cat /sys/class/net/eth0/carrier)
n=0
while [ "$(cat /sys/class/net/eth0/carrier)" = 1 ]; do
  echo alive
  ping -c 1 -W 1 10.99.0.1 > /dev/null
  sleep 0.2
done
echo carrier $(cat /sys/class/net/eth0/carrier)
ping -c 3 -W 1 10.99.0.1 > /dev/null
echo lives
GUEST
await '^alive$'
# Of this network alone: another passt of the host is none of ours.
kill -KILL "$(pgrep --ns $$ --nslist net -x 'passt|passt.avx2')"
finish_guest
expect_status 0
expect '^carrier 1$'
expect '^carrier 0$'
expect '^lives$'
[ "$(grep -c '^jvmm: passt: ' "$WORK/err")" = 1 ] || die 'it is not said once'

serve tcp 8080 socat TCP-LISTEN:8080,bind=127.0.0.1 -
boot --kernel "$VMLINUX" --rootfs "$ROOTFS,ro" --net user,hostfwd=tcp:8080:80
expect_status 2
expect_error '8080:80'
[ "$(wc -l < "$WORK/err")" = 1 ] || die 'more than a line'
