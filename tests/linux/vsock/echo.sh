#!/bin/bash
# 1,000 connections at a time of each side echo random data both ways, digests equal
# limit: 600
TALK=$(dirname "$TOOLS")/talk
. "$ROOT/tests/linux/vsock.sh"
serve bytes serve "unix:${UDS}_5001"
start_talking --mem 512M <<'GUEST'
talk serve vsock:4294967295:6001 > /run/s1 & 
until grep -q serving /run/s1; do sleep 0.1; done
echo serves
read -r line
talk echo vsock:2:5001 1000 30000 || exit 1
echo echoed here
GUEST
await '^serves'
HOST_LIMIT=280 host "$TALK" echo "hybrid:$UDS:6001" 1000 30000
type_line go
AWAIT_LIMIT=280 await '^echoed here'
finish_guest
expect_status 0
expect '^echoed 1000 x 30000 bytes, digests equal'
expect_counter connections 2000
expect_counter connections.open 0
expect_counter credit.violations 0
expect_counter malformed 0
