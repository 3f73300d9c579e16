#!/bin/bash
# Debian's cloud kernel boots with two CPUs and a virtio disk, and `reboot -f` ends the process
script=$(base64 -w 0 << 'GUEST'
echo online=$(cat /sys/devices/system/cpu/online)
for cpu in 0 1; do echo ran$cpu=$(taskset -c $cpu cut -d ' ' -f 39 /proc/self/stat); done
echo hash=$(sha256sum < /dev/vda | cut -c 1-64)
/etc/init.d/stop
reboot -f
GUEST
)
boot --kernel "$DEBIAN_KERNEL" --initrd "$DEBIAN_INITRD" --disk "$ROOTFS,ro" --cpus 2 --quiet --cmdline "jvmm.run=$script"
expect_status 0
expect '^  disk    /dev/vda on /mnt \(ro\)$'
expect '^online=0-1$'
expect '^ran0=0$'
expect '^ran1=1$'
expect "^hash=$(sha256sum < "$ROOTFS" | cut -c 1-64)$"
expect_no_error
