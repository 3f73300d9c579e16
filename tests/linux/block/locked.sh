#!/bin/bash
# Two machines cannot write to one disk, nor one read what the other writes; when the writer has ended, another may
. "$ROOT/tests/linux/session.sh"
truncate -s 1M "$WORK/disk"
start_script --disk "$WORK/disk" <<'GUEST'
echo runs
read -r _
GUEST
await '^runs$'
for mode in '' ,ro; do
  refused=0
  "$JVMM" --kernel "$VMLINUX" --rootfs "$ROOTFS,ro" --disk "$WORK/disk$mode" < /dev/null > "$WORK/second-out" 2> "$WORK/second-err" || refused=$?
  cat "$WORK/second-err"
  [ $refused = 2 ] || die "the second machine's status is $refused"
  [ ! -s "$WORK/second-out" ] || die "the second machine ran"
  [ "$(wc -l < "$WORK/second-err")" = 1 ] || die "not one line"
  grep -q "disk.*in use by another VM" "$WORK/second-err" || die "it does not say why"
done
type_line
finish_guest
expect_status 0
run_in_guest --disk "$WORK/disk" <<< 'echo here I am'
expect '^here I am$'
