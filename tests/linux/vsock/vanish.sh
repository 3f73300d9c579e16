#!/bin/bash
# A host's program that vanishes ends the guest's connection, a guest that ends closes the host's, and the next machine takes the place
TALK=$(dirname "$TOOLS")/talk
. "$ROOT/tests/linux/vsock.sh"
serve bytes serve "unix:${UDS}_5001"
start_talking <<'GUEST'
talk serve vsock:4294967295:6001 > /run/s1 & 
until grep -q serving /run/s1; do sleep 0.1; done
talk hold vsock:2:5001
talk hold vsock:2:5001 || echo nobody is there
read -r line
GUEST
await '^held'
kill -KILL "${servers[0]}"
await '^ended (in order|by reset)'
await '^nobody is there'
"$TALK" hold "hybrid:$UDS:6001" > "$WORK/held" &
servers+=($!)
until grep -q '^held' "$WORK/held"; do sleep 0.1; done
kill -KILL "$jvmm_pid"
for _ in $(seq 50); do
  ! grep -q '^ended' "$WORK/held" || break
  sleep 0.2
done
grep -q '^ended' "$WORK/held" || die "the host's connection is still there"
finish_guest
[ -e "$UDS" ] || die 'who was killed removes nothing'

# The next machine takes the place of the one that was killed.
start_talking <<'GUEST'
echo here
GUEST
await '^here'
finish_guest
expect_status 0
expect_no_error_but_stats() { ! grep -v '^{' "$WORK/err"; }
expect_no_error_but_stats
[ ! -e "$UDS" ] || die 'the socket is left'
