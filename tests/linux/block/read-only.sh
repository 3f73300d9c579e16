#!/bin/bash
# A read-only disk refuses every write in the guest, and its file stays the same, byte for byte
cp "$ROOTFS" "$WORK/disk" # writable for us, so that only jvmm keeps the guest from it
chmod 600 "$WORK/disk"
before=$(sha256sum < "$WORK/disk")
run_in_guest --disk "$WORK/disk,ro" <<'GUEST'
blockdev --setrw /dev/vdb
dd if=/dev/zero of=/dev/vdb bs=4096 count=1 conv=fsync 2>&1 && echo WRITTEN
dd if=/dev/zero of=/dev/vdb bs=4096 count=1 oflag=direct 2>&1 && echo WRITTEN
mount -t ext4 -o rw /dev/vdb /mnt 2>&1 && touch /mnt/root/x 2>&1 && echo WRITTEN
mount -t ext4 -o ro /dev/vdb /mnt; ls /mnt/etc/inittab
GUEST
expect_not WRITTEN
expect '^/mnt/etc/inittab$'
[ "$(sha256sum < "$WORK/disk")" = "$before" ] || die "the file has changed"
expect_no_error
