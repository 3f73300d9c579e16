#!/bin/bash
# 10,000 connections one after the other, half of each side, leave no descriptor in jvmm
# limit: 900
TALK=$(dirname "$TOOLS")/talk
. "$ROOT/tests/linux/vsock.sh"
serve bytes serve "unix:${UDS}_5001"
start_talking <<'GUEST'
talk serve vsock:4294967295:6001 > /run/s1 & 
until grep -q serving /run/s1; do sleep 0.1; done
talk churn vsock:2:5001 100 || exit 1
echo serves
read -r line
talk churn vsock:2:5001 5000 || exit 1
echo done here
read -r line
GUEST
await '^serves'
host "$TALK" churn "hybrid:$UDS:6001" 100
sleep 1
before=$(descriptors)
HOST_LIMIT=400 host "$TALK" churn "hybrid:$UDS:6001" 5000
type_line go
AWAIT_LIMIT=400 await '^done here'
for _ in $(seq 50); do
  after=$(descriptors)
  [ "$after" != "$before" ] || break
  sleep 0.2
done
[ "$after" = "$before" ] || die "jvmm had $before descriptors, and has $after"
type_line end
finish_guest
expect_status 0
expect_counter connections 10200
expect_counter connections.open 0
