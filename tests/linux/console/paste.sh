#!/bin/bash
# A paste of 64 KiB of any bytes through a pipe reaches a program in the guest, not one byte lost
. "$ROOT/tests/linux/session.sh"
head -c 65536 /dev/urandom > "$WORK/paste"
start_script <<'GUEST'
stty raw -echo
echo ready
head -c 65536 > /run/paste
stty sane
echo hash=$(sha256sum < /run/paste | cut -c 1-64)
GUEST
await '^ready$'
cat "$WORK/paste" >&7
BOOT_LIMIT=250 finish_guest
expect_status 0
expect "^hash=$(sha256sum < "$WORK/paste" | cut -c 1-64)$"
expect_no_error
