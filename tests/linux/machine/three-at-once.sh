#!/bin/bash
# Three machines at once read one root image, each has its own disk, and all power off
pids=()
for number in 1 2 3; do
  printf 'machine %d' "$number" > "$WORK/disk$number"
  truncate -s 1M "$WORK/disk$number"
  script=$(base64 -w 0 <<< 'head -c 9 /dev/vdb; echo; echo written | dd of=/dev/vdb conv=notrunc status=none')
  timeout --kill-after=10 200 "$JVMM" --kernel "$VMLINUX" --rootfs "$ROOTFS,ro" --disk "$WORK/disk$number" --quiet \
    --name "three-$number" --cmdline "jvmm.run=$script" < /dev/null > "$WORK/out$number" 2> "$WORK/err$number" &
  pids+=($!)
done
for number in 1 2 3; do
  status=0
  wait "${pids[number - 1]}" || status=$?
  tr -d '\r' < "$WORK/out$number" > "$WORK/out"
  mv "$WORK/err$number" "$WORK/err"
  cat "$WORK/out" "$WORK/err"
  expect_status 0
  expect "^machine $number$"
  expect_no_error
  [ "$(head -c 8 "$WORK/disk$number")" = "written" ] || die "machine $number's disk is not written"
done
