#!/bin/bash
# A root file system is read from persistent memory, with DAX
script=$(base64 -w 0 <<'GUEST'
grep ' / ' /proc/mounts
echo size=$(cat /sys/block/pmem0/size)
find / -xdev -type f -exec sha256sum {} + | sort | sha256sum | sed 's/^/sum /'
GUEST
)
root='root=/dev/pmem0 rootflags=dax ro'
boot --kernel "$VMLINUX" --pmem "$ROOTFS" --quiet --cmdline "$root jvmm.run=$script" --stats=json
expect_status 0
expect '^jvmm\.exit=0$'
expect '^/dev/root / ext4 ro,.*dax'
expect "^size=$((($(stat -c %s "$ROOTFS") + 0x1fffff) / 0x200000 * 4096))$"
expect_error '"name":"pmem [^"]*"'
sum=$(grep '^sum ' "$WORK/out")
boot --kernel "$VMLINUX" --rootfs "$ROOTFS,ro" --quiet --cmdline "jvmm.run=$script"
expect_status 0
[ "$sum" = "$(grep '^sum ' "$WORK/out")" ] || die "other files than the disk has"
