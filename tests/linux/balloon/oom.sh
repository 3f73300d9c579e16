#!/bin/bash
# A guest that runs out of memory takes it from the balloon, and no process is killed
BOOT_LIMIT=250
run_in_guest --mem 128M --balloon=72M --stats=json <<'GUEST'
until [ $(awk '/MemFree/ { print $2 }' /proc/meminfo) -lt 40000 ]; do sleep 0.1; done
echo inflated
mount -t tmpfs -o size=100m tmpfs /mnt
head -c 40m /dev/zero > /mnt/file && echo filled $(stat -c %s /mnt/file)
rm /mnt/file
grep oom_kill /proc/vmstat
GUEST
expect '^inflated$'
expect '^filled 41943040$'
expect '^oom_kill 0$'
counter() { sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p" "$WORK/err"; }
[ "$(counter inflate.released.bytes)" -ge $((60 * 1024 * 1024)) ] || die 'the balloon was not inflated'
[ "$(counter deflate.pages)" -ge 1024 ] || die 'the balloon was not deflated'
