# shellcheck shell=bash
# What every Linux test has: `boot`, and asserts on what the guest and jvmm said. A failed assert ends the test.
set -euo pipefail

die() { echo "FAILED: $*"; exit 1; }
skip() { echo "$*"; exit 77; }

# Runs jvmm with these options to its end. Leaves its exit status in $status, its output (the guest's console) in
# $WORK/out and $WORK/err, and prints both. BOOT_LIMIT: seconds until it is killed.
boot() {
  echo "+ jvmm $*"
  status=0
  timeout --kill-after=10 "${BOOT_LIMIT:-120}" "$JVMM" "$@" < /dev/null > "$WORK/raw" 2> "$WORK/err" || status=$?
  tr -d '\r' < "$WORK/raw" > "$WORK/out"
  cat "$WORK/out" "$WORK/err"
  echo "+ status $status"
  [ $status != 124 ] && [ $status != 137 ] || die "the time is up: jvmm did not end within ${BOOT_LIMIT:-120} s"
}

# The same with the small kernel and the root file system, read-only, and a script that the guest runs: it comes from
# stdin. The script's exit status must be 0.
run_in_guest() { # OPTIONS...
  local script
  script=$(base64 -w 0)
  boot --kernel "$VMLINUX" --rootfs "$ROOTFS,ro" --quiet --cmdline "jvmm.run=$script" "$@"
  expect_status 0
  expect '^jvmm\.exit=0$'
}

expect_status() { [ "$status" = "$1" ] || die "exit status $status, expected $1"; }
expect() { grep -qE -- "$1" "$WORK/out" || die "the console has no line like: $1"; }
expect_not() { ! grep -E -- "$1" "$WORK/out" || die "the console has a line like: $1"; }
expect_error() { grep -qE -- "$1" "$WORK/err" || die "stderr has no line like: $1"; }
expect_no_error() { [ ! -s "$WORK/err" ] || die "stderr is not empty: $(cat "$WORK/err")"; }
