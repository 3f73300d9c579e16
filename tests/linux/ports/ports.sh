#!/bin/bash
# Programs in the guest find ports by name, talk to one client after the other at a socket, and write to a file and a descriptor
. "$ROOT/tests/linux/session.sh"
exec 9> "$WORK/by-descriptor"
start_script --port "org.example.talk,unix=$WORK/socket" --port "org.example.log,file=$WORK/log" --port org.example.fd,fd=9 \
  --stats=json <<'GUEST'
port() {
  local at
  for at in /sys/class/virtio-ports/*; do
    [ "$(cat "$at/name")" != "$1" ] || echo "/dev/${at##*/}"
  done
}
echo logged > $(port org.example.log)
echo by number > $(port org.example.fd)
exec 3<> $(port org.example.talk)
echo open
until read -r line <&3; do sleep 0.1; done
echo "answer to $line" >&3
echo "rest $(cat <&3 | sha256sum)"
until read -r line <&3; do sleep 0.1; done
echo "then $line"
GUEST
exec 9>&-
await '^open$'
seq 1 30000 > "$WORK/rest"
perl -MIO::Socket::UNIX -e '
  my $port = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die "no connection: $!\n";
  $port->autoflush(1);
  print $port "question\n";
  print scalar <$port>;
  open my $rest, "<", $ARGV[1] or die;
  print $port $_ while <$rest>;
' "$WORK/socket" "$WORK/rest" > "$WORK/answer"
await '^rest '
perl -MIO::Socket::UNIX -e '
  my $port = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die "no second connection: $!\n";
  print $port "the next one\n";
' "$WORK/socket"
finish_guest
expect_status 0
[ "$(cat "$WORK/answer")" = 'answer to question' ] || die "the host read: $(cat "$WORK/answer")"
expect "^rest $(sha256sum < "$WORK/rest")$"
expect '^then the next one$'
[ "$(cat "$WORK/log")" = logged ] || die "the file has: $(cat "$WORK/log")"
[ "$(cat "$WORK/by-descriptor")" = 'by number' ] || die "the descriptor got: $(cat "$WORK/by-descriptor")"
[ ! -e "$WORK/socket" ] || die 'the socket is left'
