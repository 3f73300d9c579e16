#!/bin/bash
# Sockets keep their promises both ways: refusal, reset, peek, shutdown, credit, buffer sizes, and the bounds of messages
TALK=$(dirname "$TOOLS")/talk
. "$ROOT/tests/linux/vsock.sh"
serve bytes serve "unix:${UDS}_5001"
serve messages -s serve "unix:${UDS}_5002"
start_talking <<'GUEST'
talk serve vsock:4294967295:6001 > /run/s1 & 
talk -s serve vsock:4294967295:6002 > /run/s2 &
until grep -q serving /run/s1 && grep -q serving /run/s2; do sleep 0.1; done
echo serves
talk check vsock:2:5001 vsock:2:1 || exit 1
talk -s check vsock:2:5002 vsock:2:1 || exit 1
echo kept
read -r line
GUEST
await '^serves'
host "$TALK" check "hybrid:$UDS:6001" "hybrid:$UDS:1"
host "$TALK" -s check "hybrid:${UDS}_seqpacket:6002" "hybrid:${UDS}_seqpacket:1"
await '^kept'
type_line end
finish_guest
expect_status 0
expect '^jvmm\.exit=0$'
expect_counter credit.violations 0
expect_counter malformed 0
[ ! -e "$UDS" ] && [ ! -e "${UDS}_seqpacket" ] || die 'a socket is left'
