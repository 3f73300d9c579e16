#!/bin/bash
# A machine of 6 GiB has memory on both sides of the hole, and a disk reads into it
run_in_guest --mem 6G <<'GUEST'
grep 'System RAM' /proc/iomem
grep MemTotal /proc/meminfo
echo hash=$(sha256sum < /dev/vda | cut -c 1-64)
GUEST
expect '^ *00100000-cfffffff : System RAM$' # up to 3.25 GiB
expect '^ *100000000-1afffffff : System RAM$' # from 4 GiB, the rest
kib=$(sed -n 's/^MemTotal: *\([0-9]*\) kB$/\1/p' "$WORK/out")
[ "$kib" -gt $((5800 * 1024)) ] || die "the guest counts $kib KiB"
expect "^hash=$(sha256sum < "$ROOTFS" | cut -c 1-64)$"
expect_no_error
