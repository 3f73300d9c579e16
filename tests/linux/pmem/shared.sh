#!/bin/bash
# Two machines that have read the same image hold its pages once: half of them is charged to each
MIB=32
head -c $((MIB * 1024 * 1024)) /dev/urandom > "$WORK/image"
script=$(base64 -w 0 <<'GUEST'
sha256sum < /dev/pmem0
echo ready
sleep 600
GUEST
)
pids=()
end_readers() { kill -KILL "${pids[@]}" 2> /dev/null || true; }
trap end_readers EXIT
for reader in 1 2; do
  "$JVMM" --kernel "$VMLINUX" --rootfs "$ROOTFS,ro" --pmem "$WORK/image" --mem 128M --quiet --cmdline "jvmm.run=$script" \
    < /dev/null > "$WORK/out$reader" 2>&1 &
  pids+=($!)
done
deadline=$((SECONDS + 200))
for reader in 1 2; do
  until grep -q '^ready' "$WORK/out$reader"; do
    kill -0 "${pids[reader - 1]}" 2> /dev/null && [ $SECONDS -lt $deadline ] ||
      { cat "$WORK/out$reader"; die "machine $reader has not read the image"; }
    sleep 0.2
  done
  cat "$WORK/out$reader"
done
sum=$(sha256sum < "$WORK/image")
for reader in 1 2; do
  grep -q "^${sum%% *}" "$WORK/out$reader" || die "machine $reader has read something else"
  # Rss counts every page of the image that the process has, Pss its share of those that others have too; in KiB.
  read -r rss pss < <(awk '/^[0-9a-f]+-/ { ours = $NF ~ /\/image$/ } ours && $1 == "Rss:" { rss += $2 }
    ours && $1 == "Pss:" { pss += $2 } END { print rss + 0, pss + 0 }' "/proc/${pids[reader - 1]}/smaps")
  echo "machine $reader: rss $rss KiB, pss $pss KiB"
  [ "$rss" -ge $((MIB * 1024)) ] || die "machine $reader does not have all pages"
  [ $((pss * 10)) -le $((rss * 6)) ] || die "machine $reader does not share them"
done
