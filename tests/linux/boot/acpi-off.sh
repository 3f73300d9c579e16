#!/bin/bash
# Without ACPI the kernel finds its CPUs by the MP table and its disk by the command line, and a reboot ends it
# A kernel without ACPI knows no power off, so this one reboots.
script=$(base64 -w 0 << 'GUEST'
[ -d /sys/firmware/acpi ] || echo no ACPI
tr ' ' '\n' < /proc/cmdline | grep virtio_mmio
echo online=$(cat /sys/devices/system/cpu/online)
echo root=$(grep -c '^/dev/root / ext4' /proc/mounts)
/etc/init.d/stop
reboot -f
GUEST
)
boot --kernel "$VMLINUX" --rootfs "$ROOTFS,ro" --cpus 2 --quiet --cmdline "acpi=off jvmm.run=$script"
expect_status 0
expect '^no ACPI$'
expect '^virtio_mmio.device=4K@0xd0000000:5$'
expect '^online=0-1$'
expect '^root=1$'
expect_no_error
