#!/bin/bash
# Errors of a network disk's server reach the guest as such, and the machine goes on; an export that is not there is told
. "$ROOT/tests/linux/session.sh"
command -v nbdkit > /dev/null || skip "no nbdkit on this host (apt install nbdkit)"
nbdkit_pid=
trap 'end_session; [ -z "$nbdkit_pid" ] || kill -KILL "$nbdkit_pid"' EXIT
boot --kernel "$VMLINUX" --disk "nbd+unix:///data?socket=$WORK/nobody"
expect_status 2
expect_error "cannot be reached: there is no socket $WORK/nobody\$"

nbdkit --foreground --unix "$WORK/nbd.sock" --filter=error memory 16M error=EIO error-file="$WORK/broken" error-rate=100% &
nbdkit_pid=$!
for _ in {1..300}; do [ ! -S "$WORK/nbd.sock" ] || break; sleep 0.1; done
start_script --disk "nbd+unix://?socket=$WORK/nbd.sock" <<'GUEST'
try() { "$@" > /run/log 2>&1 && echo yes || { echo no: $(grep -v records /run/log); }; }
attempt() {
  echo $1 read: $(try dd if=/dev/vdb of=/dev/null bs=64k count=4 iflag=direct)
  echo $1 write: $(try dd if=/dev/zero of=/dev/vdb bs=64k count=4 oflag=direct)
}
attempt before
read -r _
attempt broken
read -r _
attempt after
GUEST
await '^before write: yes$'
touch "$WORK/broken"
type_line
await '^broken write: '
rm "$WORK/broken"
type_line
finish_guest
expect_status 0
expect '^before read: yes$'
expect '^broken read: no: .*[Ii](nput/output|/O) error'
expect '^broken write: no: .*[Ii](nput/output|/O) error'
expect '^after read: yes$'
expect '^after write: yes$'
expect_not 'Kernel panic'
