#!/bin/bash
# Debian's cloud kernel boots without a stall, loads its modules, reads its clock, and mounts a virtio disk read-write
cp "$ROOTFS" "$WORK/disk"
chmod 600 "$WORK/disk"
script=$(base64 -w 0 << 'GUEST'
dmesg | awk '
  match($0, /[0-9]+\.[0-9]+\]/) { t = substr($0, RSTART, RLENGTH - 1); gap = t - last; last = t
    if (gap > max) { max = gap; after = before; until = $0 } before = $0 }
  END { print "stall=" int(max) " " max " s"; print after; print until }'
dmesg | grep -iE 'i8042|rtc_cmos'
echo online=$(cat /sys/devices/system/cpu/online)
echo disk=$(grep '^/dev/vda' /proc/mounts)
echo clock=$(cat /sys/class/rtc/rtc0/since_epoch) $(date +%s)
echo written by Debian > /mnt/root/written
GUEST
)
begin=$(date +%s)
boot --kernel "$DEBIAN_KERNEL" --initrd "$DEBIAN_INITRD" --disk "$WORK/disk" --quiet --cmdline "jvmm.run=$script"
end=$(date +%s)
expect_status 0
expect '^  kernel  Linux .*-cloud-amd64$'
expect '^jvmm\.exit=0$'
expect '^online=0$'
expect '^disk=/dev/vda /mnt ext4 rw'
# A kernel that waits for a clock or a keyboard that does not answer stands still for 18 s.
stall=$(sed -n 's/^stall=\([0-9]*\).*/\1/p' "$WORK/out")
[ "$stall" -lt 8 ] || die "the kernel stood still for $stall s"
read -r rtc system < <(sed -n 's/^clock=//p' "$WORK/out")
for clock in "$rtc" "$system"; do
  [ "$clock" -ge $((begin - 2)) ] && [ "$clock" -le $((end + 2)) ] || die "the guest's clock is wrong: $clock is not between $begin and $end"
done
expect_no_error
[ "$(debugfs -R 'cat /root/written' "$WORK/disk" 2> /dev/null)" = 'written by Debian' ] || die "what Debian wrote is not on the disk"
e2fsck -fn "$WORK/disk" || die "Debian's file system is damaged"
