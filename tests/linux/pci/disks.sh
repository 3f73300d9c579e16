#!/bin/bash
# Disks on a PCI bus: the kernel takes the BARs as they lie, each queue has its message-signalled interrupt, and data comes through
truncate -s 64M "$WORK/disk"
run_in_guest --transport pci --cpus 4 --disk "$WORK/disk" << 'GUEST'
cd /sys/bus/pci/devices
for device in *; do
  echo "pci=$device $(cat $device/vendor) $(cat $device/device) $(cat $device/class)"
  echo "bar=$device $(head -n 1 $device/resource)"
done
grep -i 'pci' /proc/iomem | sed 's/^ */iomem=/'
dmesg | grep -iE 'pci|mmconfig' | grep -v 'Command line'
dd if=/bin/busybox of=/tmp/data bs=64k count=8 2> /dev/null
dd if=/tmp/data of=/dev/vdb bs=64k oflag=direct 2> /dev/null
dd if=/dev/vdb of=/tmp/back bs=64k count=8 iflag=direct 2> /dev/null
cmp /tmp/data /tmp/back && echo same data
grep virtio /proc/interrupts | sed 's/^ */irq=/'
GUEST
expect '^pci=0000:00:00\.0 0x1b36 0x0008 0x060000$'
expect '^pci=0000:00:01\.0 0x1af4 0x1042 0x018000$'
expect '^pci=0000:00:02\.0 0x1af4 0x1042 0x018000$'
expect '^bar=0000:00:01\.0 0x00000000d1008000 0x00000000d100ffff '
expect '^bar=0000:00:02\.0 0x00000000d1010000 0x00000000d1017fff '
expect '^irq=.*MSI.* virtio0-req\.0$'
expect '^irq=.*MSI.* virtio1-req\.0$'
expect '^same data$'
expect_not "can't claim|failed to assign|no compatible bridge window|error updating"
expect_no_error
