#!/bin/bash
# A shared folder does what POSIX and Linux say a file system does, with a cache for mmap and with none, as far as Linux' client can
# limit: 900
[ "$(id -u)" = 0 ] || skip 'security=passthrough is for root'
mkdir -p "$WORK/tree/mmap" "$WORK/tree/none"
# $WORK may lie on a disk that is mounted noatime; the times of accesses are checked too.
mount --bind "$WORK/tree" "$WORK/tree"
trap 'umount "$WORK/tree"' EXIT
mount -o remount,bind,strictatime "$WORK/tree"
BOOT_LIMIT=800 run_in_guest --disk "$TOOLS,ro" --share "$WORK/tree/mmap:mmap,security=passthrough,acl" \
  --share "$WORK/tree/none:none,security=passthrough,acl,cache=none" <<'GUEST'
mkdir -p /run/tools && mount -r -t ext4 /dev/vdb /run/tools
for cache in mmap none; do
  mkdir "/run/share/$cache/checks"
  /run/tools/posix -m "$cache" "/run/share/$cache/checks" > /run/results
  echo "$cache status $?"
  grep '^not ok\|^#' /run/results
done
umount /run/tools
GUEST
expect '^mmap status 0$'
expect '^none status 0$'
