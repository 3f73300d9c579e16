# shellcheck shell=bash
# For tests with persistent memory: skips where the guest's kernel makes no block device of it. A test reads this file
# with `. "$ROOT/tests/linux/pmem-device.sh"`.

truncate -s 8M "$WORK/probe"
run_in_guest --pmem "$WORK/probe" <<'GUEST'
[ -b /dev/pmem0 ] || echo "no pmem0"
GUEST
! grep -q '^no pmem0$' "$WORK/out" ||
  skip "the guest's kernel finds the memory and its driver nd_pmem refuses it (ENXIO), in QEMU too: not understood yet"
