#!/bin/bash
# A driver that is taken from its disk on a PCI bus and given back drives it again, and the guest reboots
. "$ROOT/tests/linux/session.sh"
truncate -s 64M "$WORK/disk"
run_in_guest --transport pci --disk "$WORK/disk" << 'GUEST'
cd /sys/bus/pci/drivers/virtio-pci
for i in 1 2 3; do
  echo 0000:00:02.0 > unbind
  [ ! -e /dev/vdb ] || echo still there
  echo 0000:00:02.0 > bind
  dd if=/dev/vdb of=/dev/null bs=64k count=8 iflag=direct 2> /dev/null && echo read=$i
done
GUEST
for i in 1 2 3; do expect "^read=$i$"; done
expect_not 'still there'
expect_no_error

start_guest --transport pci --kernel "$VMLINUX" --rootfs "$ROOTFS,ro" --quiet
await_shell
type_line reboot
finish_guest
expect_status 0
expect 'reboot: Restarting system'
expect_no_error
