#!/bin/bash
# On a terminal Ctrl-C goes to the guest, Ctrl-A x ends the machine with status 0, and the terminal is as it was, after signals too
. "$ROOT/tests/linux/session.sh"
cat > "$WORK/in-terminal" << HOST
tty > "$WORK/tty"
stty -g > "$WORK/before"
sh -c 'echo \$\$ > "\$1"; exec "\$2" --kernel "\$3" --rootfs "\$4,ro" --quiet 2> "\$5"' - \
  "$WORK/pid" "$JVMM" "$VMLINUX" "$ROOTFS" "$WORK/jvmm-err"
echo \$? > "$WORK/status"
stty -g > "$WORK/after"
HOST

start_terminal() {
  rm -f "$WORK"/{pid,status,after}
  JVMM=script start_guest -qefc "bash '$WORK/in-terminal'" /dev/null
  await_shell
  stty -a -F "$(cat "$WORK/tty")" | tee "$WORK/during"
  grep -q -- '-icanon' "$WORK/during" || die "the terminal is not raw while the guest runs"
}

# How it ended, and how the terminal is.
expect_terminal() { # STATUS
  [ "$(cat "$WORK/status")" = "$1" ] || die "jvmm's status is $(cat "$WORK/status"), expected $1"
  [ "$(cat "$WORK/after")" = "$(cat "$WORK/before")" ] || die "the terminal is $(cat "$WORK/after"), it was $(cat "$WORK/before")"
}

start_terminal
type_line 'echo sleeps; sleep 1000'
await '^sleeps'
printf '\003' >&7
type_line 'echo interrupted=$((40 + 2))'
await '^interrupted=42'
printf '\001h' >&7
await 'end the virtual machine'
printf '\001x' >&7
finish_guest
expect_terminal 0
[ ! -s "$WORK/jvmm-err" ] || die "stderr is not empty: $(cat "$WORK/jvmm-err")"

start_terminal
type_line 'killall acpid; echo deaf=$((1 + 1))'
await '^deaf=2'
kill -TERM "$(cat "$WORK/pid")"
sleep 2
kill -TERM "$(cat "$WORK/pid")"
finish_guest
expect_terminal 143
