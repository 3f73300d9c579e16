#!/bin/bash
# 16 MiB of random data in large direct reads and writes, and the same through the guest's page cache, arrive as they were
head -c 16M /dev/urandom > "$WORK/from"
truncate -s 16M "$WORK/to"
run_in_guest --cpus 2 --disk "$WORK/from,ro" --disk "$WORK/to" <<'GUEST'
dd if=/dev/vdb of=/dev/vdc bs=1M iflag=direct oflag=direct 2>&1
sync /dev/vdc
echo hash=$(sha256sum < /dev/vdb | cut -c 1-64)
echo 3 > /proc/sys/vm/drop_caches
cmp /dev/vdb /dev/vdc && echo equal
GUEST
cmp "$WORK/from" "$WORK/to" || die "what was written is not what was read"
expect "^hash=$(sha256sum < "$WORK/from" | cut -c 1-64)$"
expect '^equal$'
expect_no_error
