#!/bin/bash
# A guest on a PCI bus reboots, and a driver that is taken from its disk and given back drives it again
truncate -s 64M "$WORK/disk"
run_in_guest --transport pci --disk "$WORK/disk" << 'GUEST'
cd /sys/bus/pci/drivers/virtio-pci
for i in 1 2 3; do
  echo 0000:00:02.0 > unbind
  [ ! -e /dev/vdb ] || echo still there
  echo 0000:00:02.0 > bind
  dd if=/dev/vdb of=/dev/null bs=1M count=4 iflag=direct 2> /dev/null && echo read=$i
done
GUEST
for i in 1 2 3; do expect "^read=$i$"; done
expect_not 'still there'
boot --transport pci --kernel "$VMLINUX" --rootfs "$ROOTFS,ro" --quiet --cmdline jvmm.reboot
expect_status 0
expect_no_error
