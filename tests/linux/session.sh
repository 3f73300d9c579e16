# shellcheck shell=bash
# For tests that talk to a guest while it runs: jvmm in the background, its stdin a named pipe, its output where `boot`
# of lib.sh leaves it. A test reads this file with `. "$ROOT/tests/linux/session.sh"`.

jvmm_pid=
exec {never}<> <(:) # a wait without a process: where one CPU is shared with the guest, processes are its time
end_session() {
  [ -n "$jvmm_pid" ] || return 0
  kill -KILL "$jvmm_pid" 2> /dev/null || true
  # The test did not come to its end: what was said so far tells why.
  tail -n 60 "$WORK/raw" "$WORK/err"
}
trap end_session EXIT

# Starts jvmm with these options; sets jvmm_pid.
start_guest() {
  echo "+ jvmm $* &"
  rm -f "$WORK/in"
  mkfifo "$WORK/in"
  exec 7<> "$WORK/in"
  "$JVMM" "$@" < "$WORK/in" > "$WORK/raw" 2> "$WORK/err" 7>&- &
  jvmm_pid=$!
}

# The same with the small kernel, the root file system, read-only, and a script from stdin, as run_in_guest has it. WORDS:
# more for the kernel's command line.
start_script() {
  local script
  script=$(base64 -w 0)
  start_guest --kernel "$VMLINUX" --rootfs "$ROOTFS,ro" --quiet --cmdline "jvmm.run=$script ${WORDS:-}" "$@"
}

# Waits until the console has a line like this.
await() {
  local deadline=$((SECONDS + ${AWAIT_LIMIT:-120})) pattern=${1%\$}
  [ "$pattern" = "$1" ] || pattern+=$'\r?$'
  [ "${pattern#^}" = "$pattern" ] || pattern=$'^\r*'${pattern#^}
  until grep -qE -- "$pattern" "$WORK/raw"; do
    if ! kill -0 "$jvmm_pid" 2> /dev/null; then
      finish_guest
      die "jvmm ended before the console had a line like: $1"
    fi
    if [ $SECONDS -ge $deadline ]; then
      tail -n 30 "$WORK/raw"
      die "the time is up: the console has no line like: $1"
    fi
    read -rt 0.3 -u "$never" || true
  done
}

# Waits for the shell's prompt.
await_shell() { await '^(/|~) # '; }

# Types a line.
type_line() { printf '%s\n' "$*" >&7; }

# Waits for jvmm's end. Leaves status, out and err as boot does.
finish_guest() {
  local limit=${BOOT_LIMIT:-120}
  timeout "$limit" tail -s 0.2 --pid="$jvmm_pid" -f /dev/null ||
    { cat "$WORK/raw" "$WORK/err"; die "the time is up: jvmm did not end within $limit s"; }
  status=0
  wait "$jvmm_pid" || status=$?
  jvmm_pid=
  exec 7>&-
  tr -d '\r' < "$WORK/raw" > "$WORK/out"
  cat "$WORK/out" "$WORK/err"
  echo "+ status $status"
}
