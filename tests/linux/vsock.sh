# shellcheck shell=bash
# For tests of sockets between guest and host: `. "$ROOT/tests/linux/vsock.sh"` gives a folder for Unix sockets, and
# starts guests with the program `talk`. A test sets TALK, the same program for the host, which lies beside TOOLS.
. "$ROOT/tests/linux/session.sh"

SOCKETS=$(mktemp -d /tmp/vsock.XXXXXX) # a socket's path is short
UDS=$SOCKETS/v
servers=()

end_talks() {
  local pid
  end_session
  for pid in "${servers[@]}"; do kill "$pid" 2> /dev/null || true; done
  rm -rf "$SOCKETS"
}
trap end_talks EXIT

# A server on the host; waits until it serves.
serve() { # NAME TALK-ARGUMENTS...
  local log=$WORK/$1.log
  shift
  "$TALK" "$@" > "$log" 2>&1 &
  servers+=($!)
  until grep -q '^serving' "$log"; do
    kill -0 $! 2> /dev/null || die "no server: $(cat "$log")"
    sleep 0.1
  done
}

# A guest with a socket device, that runs a script of stdin.
start_talking() { # OPTIONS...
  start_script --disk "$TOOLS,ro" --vsock "cid=42,uds=$UDS" --stats=json "$@" \
    < <(echo 'mount -o ro /dev/vdb /mnt; talk() { /mnt/talk "$@"; }'; cat)
}

# The host's side of a test: a command that has to succeed.
host() {
  echo "+ $*"
  timeout "${HOST_LIMIT:-120}" "$@" || { tail -n 30 "$WORK/raw"; die "the host's side: $*"; }
}

descriptors() { ls "/proc/$jvmm_pid/fd" | wc -l; }

# A counter of the socket device, after the machine's end.
counter() { sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p" "$WORK/err"; }
expect_counter() { # NAME VALUE
  [ "$(counter "$1")" = "$2" ] || die "$1 is '$(counter "$1")', expected $2"
}
