#!/bin/bash
# Through the control socket a running Linux is asked, paused, resumed and shut down
. "$ROOT/tests/linux/session.sh"
ask() { "$JVMM" control "$WORK/vm.sock" "$@"; }
answers() { # COMMAND PATTERN
  local answer
  answer=$(ask "$1") || die "$1 is refused"
  grep -qE -- "$2" <<< "$answer" || die "$1 answers $answer"
}

start_guest --kernel "$VMLINUX" --rootfs "$ROOTFS,ro" --quiet --cpus 2 --name asked --control "$WORK/vm.sock"
await_shell
type_line 'until [ -s /run/acpid.pid ]; do sleep 0.1; done; n=0; while true; do n=$((n + 1)); echo tick $n; sleep 0.2; done'
await '^tick 2$'
[ "$(stat -c %a "$WORK/vm.sock")" = 600 ] || die "the socket is not for its owner alone"
answers status '"name":"asked","state":"running","pid":[0-9]+,"cpus":2,"memoryBytes":268435456'
answers stats '"name":"disk [^"]*","counters":\{"read.requests":[1-9].*"latencyNanos":\{"count":[1-9]'
answers pause '"state":"paused"'
ticks=$(grep -c '^tick' "$WORK/raw")
sleep 1
[ "$(grep -c '^tick' "$WORK/raw")" = "$ticks" ] || die "a paused guest goes on"
answers status '"state":"paused"'
answers resume '"state":"running"'
await "^tick $((ticks + 3))\$"
! ask halt || die "there is a command halt"
! ask balloon || die "there is a balloon"
answers stop '"state":"running"'
finish_guest
expect_status 0
expect 'reboot: Power down'
expect_no_error
[ ! -e "$WORK/vm.sock" ] || die "the socket is still there"
status=0
ask status || status=$?
expect_status 3
