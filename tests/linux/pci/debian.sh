#!/bin/bash
# Debian's cloud kernel finds its disk on a PCI bus, mounts it read-write, and powers off
cp "$ROOTFS" "$WORK/disk"
chmod 600 "$WORK/disk"
script=$(base64 -w 0 << 'GUEST'
echo disk=$(grep '^/dev/vda' /proc/mounts)
grep virtio /proc/interrupts | sed 's/^ */irq=/'
dmesg | grep -iE 'pci|mmconfig|virtio' | grep -v 'Command line'
echo written by Debian > /mnt/root/written
GUEST
)
boot --transport pci --cpus 2 --kernel "$DEBIAN_KERNEL" --initrd "$DEBIAN_INITRD" --disk "$WORK/disk" --quiet --cmdline "jvmm.run=$script"
expect_status 0
expect '^jvmm\.exit=0$'
expect '^disk=/dev/vda /mnt ext4 rw'
expect '^irq=.*MSI.* virtio0-req\.0$'
expect_no_error
[ "$(debugfs -R 'cat /root/written' "$WORK/disk" 2> /dev/null)" = 'written by Debian' ] || die "what Debian wrote is not on the disk"
