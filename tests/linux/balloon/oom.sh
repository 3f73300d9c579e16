#!/bin/bash
# A guest that runs out of memory takes it from the balloon, and no process is killed
run_in_guest --mem 256M --balloon=160M --stats=json <<'GUEST'
until [ $(awk '/MemFree/ { print $2 }' /proc/meminfo) -lt 90000 ]; do sleep 0.1; done
echo inflated
mount -t tmpfs -o size=220m tmpfs /mnt
head -c 130m /dev/zero > /mnt/file && echo filled $(stat -c %s /mnt/file)
GUEST
expect '^inflated$'
expect '^filled 136314880$'
expect_not 'Killed process|Out of memory'
counter() { sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p" "$WORK/err"; }
[ "$(counter inflate.released.bytes)" -ge $((100 * 1024 * 1024)) ] || die 'the balloon was not inflated'
[ "$(counter deflate.pages)" -ge 1024 ] || die 'the balloon was not deflated'
