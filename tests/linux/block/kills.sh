#!/bin/bash
# No write that the guest was told is synced is lost by kill -9 of jvmm, twenty times in a row on one file system
# limit: 900
# KILLS: how often (20). The host's page cache outlives jvmm: power-cuts asks for more.
. "$ROOT/tests/linux/session.sh"
truncate -s 64M "$WORK/disk"
mkfs.ext4 -q -F "$WORK/disk"
AWAIT_LIMIT=300
kills=${KILLS:-20}
acknowledged=0
zeros=0

# Four writers, each with a file of numbered lines; a line is told of when fsync has returned.
guest() { # ROUND
  cat << GUEST
mount -t ext4 /dev/vdb /mnt
writer() {
  number=0
  while :; do
    number=\$((number + 1))
    echo "\$1 $1 \$number" >> /mnt/\$1
    sync /mnt/\$1
    echo "synced \$1 $1 \$number"
  done
}
for name in one two three; do writer \$name & done
writer four
GUEST
}

check() { # ROUND
  local name lost lines=0
  e2fsck -fy "$WORK/disk" > "$WORK/fsck" || [ $? = 1 ] || { cat "$WORK/fsck"; die "round $1: the file system is broken"; }
  ! grep UNEXPECTED "$WORK/fsck" || { cat "$WORK/fsck"; die "round $1: the file system needed more than its journal"; }
  for name in one two three four; do
    # What was not synced may be left as zeros: ext4 tells the journal of a file's new length before it writes the line.
    debugfs -R "cat /$name" "$WORK/disk" 2> /dev/null | tee "$WORK/kept" | tr '\0' '\n' > "$WORK/lines"
    zeros=$((zeros + $(tr -cd '\0' < "$WORK/kept" | wc -c)))
    # A line that the kill cut off has no return at its end.
    sed -n "s/^synced \($name $1 [0-9]*\)\r\$/\1/p" "$WORK/raw" > "$WORK/told"
    lost=$(grep -vxFf "$WORK/lines" "$WORK/told") || true
    [ -z "$lost" ] || { cat -A "$WORK/kept" "$WORK/raw"; die "round $1: synced, and lost: $lost"; }
    lines=$((lines + $(wc -l < "$WORK/told")))
  done
  acknowledged=$((acknowledged + lines))
}

for ((round = 1; round <= kills; round++)); do
  start_script --cpus 2 --disk "$WORK/disk" < <(guest $round)
  await "synced (one|two|three|four) $round $((2 + RANDOM % 6))\$"
  kill -KILL "$jvmm_pid"
  finish_guest > "$WORK/console"
  expect_status 137
  check $round
done
echo "$kills kills, $acknowledged synced lines, none lost; $zeros zeros were left of others"
[ $acknowledged -ge $((kills * 4)) ] || die "only $acknowledged lines were synced: this test proves little"
