#!/bin/bash
# Memory that the guest frees goes back to the host by itself, counted in jvmm's resident memory
. "$ROOT/tests/linux/session.sh"
resident() { awk '{ print int($2 / 256) }' "/proc/$jvmm_pid/statm"; } # MiB

await_resident() { # OPERATOR MIB
  local deadline=$((SECONDS + 100))
  until [ "$(resident)" "$1" "$2" ]; do
    [ $SECONDS -lt $deadline ] || die "resident are $(resident) MiB, expected $1 $2"
    sleep 0.5
  done
}

start_script --mem 768M --balloon --stats=json <<'GUEST'
mount -t tmpfs -o size=500m tmpfs /mnt
head -c 400m /dev/zero > /mnt/file
echo filled
read -r go
rm /mnt/file
echo freed
read -r go
GUEST
await '^filled$'
filled=$(resident)
[ "$filled" -ge 400 ] || die "a guest that uses 400 MiB has only $filled"
type_line go
await '^freed$'
await_resident -le $((filled - 300))
echo "resident: $filled MiB, after the guest freed 400 MiB of it $(resident) MiB"
type_line go
finish_guest
expect_status 0
released=$(sed -n 's/.*"report.released.bytes":\([0-9]*\).*/\1/p' "$WORK/err")
[ "${released:-0}" -ge $((300 * 1024 * 1024)) ] || die "the device counts only ${released:-no} bytes"
