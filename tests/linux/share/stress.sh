#!/bin/bash
# stress-ng finds no fault with the file system of a shared folder
# limit: 3000
. "$ROOT/tests/linux/workloads.sh"
[ "${LONG:-0}" != 0 ] || skip 'takes nine minutes in the emulated host: LONG=1 runs it'
# What fsize says of fallocate is of its own making: it takes EOPNOTSUPP, which the protocol means here, for success.
BOOT_LIMIT=2800 on_share "$WORKLOADS" <<'GUEST'
cd /run/share/work
stress-ng --class filesystem --seq 1 -t 3s --verify --temp-path /run/share/work --log-brief > /run/stress 2>&1
status=$?
grep -v 'fsize: fallocate unexpectedly' /run/stress
exit $status
GUEST
expect '^successful run completed'
