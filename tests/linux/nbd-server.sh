# shellcheck shell=bash
# For tests with network disks: Debian's nbd-server with one export `data` at a Unix socket and at a TCP port of this
# host. A test reads this file with `. "$ROOT/tests/linux/nbd-server.sh"`.

command -v nbd-server > /dev/null || skip "no nbd-server on this host (apt install nbd-server)"

server_pid=
nbd_port=10829
nbd_unix="nbd+unix:///data?socket=$WORK/nbd.sock"
nbd_tcp="nbd://127.0.0.1:$nbd_port/data"

stop_server() { # kills it and the processes that serve connections
  local pids
  [ -n "$server_pid" ] || return 0
  pids=$(pgrep -P "$server_pid" || true)
  # shellcheck disable=SC2086 # one word a process
  kill -KILL "$server_pid" $pids 2> /dev/null || true
  timeout 10 tail -s 0.1 --pid="$server_pid" -f /dev/null || true
  server_pid=
}

start_server() { # IMAGE
  rm -f "$WORK/nbd.sock" "$WORK/nbd.pid"
  cat > "$WORK/nbd.conf" << CONFIG
[generic]
unixsock = $WORK/nbd.sock
duallisten = true
listenaddr = 127.0.0.1
port = $nbd_port
allowlist = true
[data]
exportname = $1
flush = true
trim = true
CONFIG
  # With -d it would serve one connection at a time; without, it leaves for the background.
  nbd-server -C "$WORK/nbd.conf" -p "$WORK/nbd.pid" > "$WORK/nbd.log" 2>&1 7>&- ||
    { cat "$WORK/nbd.log"; die "nbd-server did not start"; }
  for _ in {1..300}; do
    if [ -s "$WORK/nbd.pid" ] && [ -S "$WORK/nbd.sock" ]; then
      server_pid=$(cat "$WORK/nbd.pid")
      return
    fi
    sleep 0.1
  done
  cat "$WORK/nbd.log"
  die "nbd-server did not start"
}
