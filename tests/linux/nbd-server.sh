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
  wait "$server_pid" 2> /dev/null || true
  server_pid=
}

start_server() { # IMAGE
  rm -f "$WORK/nbd.sock"
  cat > "$WORK/nbd.conf" << CONFIG
[generic]
unixsock = $WORK/nbd.sock
listenaddr = 127.0.0.1
port = $nbd_port
allowlist = true
[data]
exportname = $1
flush = true
trim = true
CONFIG
  nbd-server -d -C "$WORK/nbd.conf" > "$WORK/nbd.log" 2>&1 7>&- &
  server_pid=$!
  until (exec 3<> "/dev/tcp/127.0.0.1/$nbd_port") 2> /dev/null && [ -S "$WORK/nbd.sock" ]; do
    kill -0 "$server_pid" 2> /dev/null || { cat "$WORK/nbd.log"; die "nbd-server did not start"; }
    sleep 0.2
  done
}
