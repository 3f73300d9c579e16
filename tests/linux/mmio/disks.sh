#!/bin/bash
# Disks as pages of registers that ACPI tells of, for kernels without PCI: no bus is there, and data comes through
truncate -s 64M "$WORK/disk"
run_in_guest --transport mmio --cpus 4 --disk "$WORK/disk" << 'GUEST'
ls /sys/bus/platform/drivers/virtio-mmio | grep '^LNRO0005' | sed 's/^/device=/'
ls /sys/bus/pci/devices 2> /dev/null | sed 's/^/pci=/'
dd if=/bin/busybox of=/tmp/data bs=64k count=8 2> /dev/null
dd if=/tmp/data of=/dev/vdb bs=64k oflag=direct 2> /dev/null
dd if=/dev/vdb of=/tmp/back bs=64k count=8 iflag=direct 2> /dev/null
cmp /tmp/data /tmp/back && echo same data
grep virtio /proc/interrupts | sed 's/^ */irq=/'
GUEST
expect '^device=LNRO0005:00$'
expect '^device=LNRO0005:01$'
expect_not '^pci='
expect '^irq=.*IO-APIC.* virtio0$'
expect '^same data$'
expect_no_error
