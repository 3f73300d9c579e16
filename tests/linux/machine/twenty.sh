#!/bin/bash
# Twenty boots in a row, not one fails
# limit: 900
for number in {1..20}; do
  begin=$(date +%s%N)
  boot --kernel "$VMLINUX" --rootfs "$ROOTFS,ro" --quiet --cmdline jvmm.poweroff > "$WORK/log" || true
  echo "boot $number: status $status, $((($(date +%s%N) - begin) / 1000000)) ms"
  [ "$status" = 0 ] && grep -q '^  root    ext4' "$WORK/out" && [ ! -s "$WORK/err" ] || { cat "$WORK/log"; die "boot $number of 20"; }
done
