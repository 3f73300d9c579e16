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

start_script --mem 256M --balloon --stats=json <<'GUEST'
mount -t tmpfs -o size=100m tmpfs /mnt
echo ready
read -r go
head -c 64m /dev/zero > /mnt/file
echo filled
read -r go
rm /mnt/file
echo freed
read -r go
GUEST
await '^ready$'
before=$(resident)
type_line go
await '^filled$'
filled=$(resident)
type_line go
await '^freed$'
await_resident -le $((filled - 40))
echo "resident: at first $before MiB, with 64 MiB in use $filled, after they were freed $(resident)"
type_line go
finish_guest
expect_status 0
released=$(sed -n 's/.*"report.released.bytes":\([0-9]*\).*/\1/p' "$WORK/err")
[ "${released:-0}" -ge $((40 * 1024 * 1024)) ] || die "the device counts only ${released:-no} bytes"
