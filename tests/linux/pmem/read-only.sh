#!/bin/bash
# What a guest writes to persistent memory is thrown away; an odd tail reads as zeroes; a cut image ends that machine alone
. "$ROOT/tests/linux/session.sh"
head -c $((5 * 1024 * 1024 + 100)) /dev/urandom > "$WORK/image"
sum=$(sha256sum < "$WORK/image")
run_in_guest --pmem "$WORK/image" --pmem "$ROOTFS,ro" --mem 512M <<'GUEST'
echo sectors=$(cat /sys/block/pmem0/size)
echo sum=$(head -c 5242980 /dev/pmem0 | sha256sum)
echo tail=$(tail -c +5242981 /dev/pmem0 | tr -d '\0' | wc -c)
dd if=/dev/zero of=/dev/pmem0 bs=512 count=1 conv=fsync status=none && echo written
mount -t ext4 -o ro,dax /dev/pmem1 /mnt && ls /mnt/sbin/init
GUEST
expect '^sectors=12288$'
expect "^sum=${sum%% *} -$" # as the guest's shell splits it
expect '^tail=0$'
expect '^written$'
expect '^/mnt/sbin/init$'
[ "$sum" = "$(sha256sum < "$WORK/image")" ] || die "the image was changed"

start_script --pmem "$WORK/image" <<'GUEST'
echo ready
read -r go
cat /dev/pmem0 > /dev/null
echo read it all
GUEST
await '^ready$'
truncate -s 1M "$WORK/image"
type_line go
finish_guest
expect_status 4
expect_not '^read it all$'
expect_error 'KVM_RUN: EFAULT'
