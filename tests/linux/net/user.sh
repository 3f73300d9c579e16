#!/bin/bash
# Behind a passt the guest gets an address, asks names, pings, opens TCP and UDP out, and is reached through forwards
. "$ROOT/tests/linux/passt.sh"

# A name server that knows one address.
names='
  my $socket = IO::Socket::INET->new(LocalAddr => "127.0.0.1:53", Proto => "udp") or die "$@";
  while (defined $socket->recv(my $query, 512)) {
    my ($id, $question, $type) = $query =~ /^(..).{10}([^\0]+\0(..)..)/s or next;
    my $answers = $type eq "\0\1" ? "\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4" . inet_aton("192.0.2.7") : "";
    $socket->send($id . pack("n5", 0x8180, 1, $answers ne "", 0, 0) . $question . $answers);
  }'
echo 'nameserver 127.0.0.1' > "$WORK/resolv.conf"
mount --bind "$WORK/resolv.conf" /etc/resolv.conf # in this test's mounts alone
serve udp 53 perl -MIO::Socket::INET -e "$names"

size=$((4 << 20))
head -c $size /dev/urandom > "$WORK/down"
serve_lines tcp 7001 host-tcp
serve_lines udp 7002 host-udp
serve tcp 7003 socat -u TCP-LISTEN:7003,bind=127.0.0.1 "CREATE:$WORK/up"
taker=${servers[-1]}

start_dhcp_guest --disk "$TOOLS,ro" --net user,hostfwd=tcp:8080:80,hostfwd=udp:127.0.0.1:8081:81,hostfwd=tcp:8082:82 << GUEST
ip addr show eth0
ip route
nslookup jvmm.test \$(sed -n 's/^nameserver //p' /proc/net/pnp)
ping -c 2 -w 30 $elsewhere > /dev/null && echo ping is answered
say TCP:$gateway:7001 out
say UDP:$gateway:7002 out
head -c $size /dev/urandom > /tmp/up
sha256sum < /tmp/up | sed 's/^/sends /'
/mnt/socat -u /tmp/up TCP:$gateway:7003
serve_lines TCP-LISTEN:80 guest-tcp
serve_lines UDP-RECVFROM:81 guest-udp
echo serves
/mnt/socat -u TCP-LISTEN:82 - | sha256sum | sed 's/^/got /'
GUEST
await '^serves'
wait "$taker" || die 'what the guest sends does not come to an end'
expect_answer tcp 8080 in guest-tcp-in
expect_answer tcp 8080 again guest-tcp-again
expect_answer udp 8081 in guest-udp-in
socat -u "FILE:$WORK/down" TCP:127.0.0.1:8082
finish_guest
expect_status 0
expect "inet $host_address/24"
expect 'mtu 65520'
expect "^default via $gateway dev eth0"
expect '192\.0\.2\.7'
expect '^ping is answered'
expect '^host-tcp-out'
expect '^host-udp-out'
expect "^sends $(sha256sum < "$WORK/up" | cut -d ' ' -f 1)"
[ "$(stat -c %s "$WORK/up")" = $size ] || die 'not all has come'
expect "^got $(sha256sum < "$WORK/down" | cut -d ' ' -f 1)"
expect_no_error
