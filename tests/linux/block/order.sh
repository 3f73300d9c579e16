#!/bin/bash
# Disks are vda, vdb, vdc in the order they were given, whatever their sizes; an odd tail is left out and left alone
printf b > "$WORK/b"; truncate -s 3M "$WORK/b"
printf c > "$WORK/c"; truncate -s $((1024 * 1024)) "$WORK/c"; head -c 300 /dev/zero | tr '\0' t >> "$WORK/c"
printf d > "$WORK/d"; truncate -s 2M "$WORK/d"
run_in_guest --disk "$WORK/b" --disk "$WORK/c" --disk "$WORK/d,ro" <<'GUEST'
for disk in a b c d; do echo vd$disk sectors=$(cat /sys/block/vd$disk/size) ro=$(cat /sys/block/vd$disk/ro); done
for disk in b c d; do echo vd$disk begins=$(head -c 1 /dev/vd$disk); done
dd if=/dev/zero bs=512 count=1 status=none | tr '\0' e | dd of=/dev/vdc seek=2047 bs=512 conv=fsync status=none && echo last sector written
dd if=/dev/zero of=/dev/vdc seek=2048 bs=512 count=1 status=none || echo no sector after it
GUEST
expect "^vda sectors=$(($(stat -c %s "$ROOTFS") / 512)) ro=1$"
expect '^vdb sectors=6144 ro=0$'
expect '^vdc sectors=2048 ro=0$'
expect '^vdd sectors=4096 ro=1$'
for disk in b c d; do expect "^vd$disk begins=$disk$"; done
expect '^last sector written$'
expect '^no sector after it$'
[ "$(tail -c 812 "$WORK/c")" = "$(head -c 512 /dev/zero | tr '\0' e)$(head -c 300 /dev/zero | tr '\0' t)" ] || die "the end of the odd disk is not right"
expect_no_error
