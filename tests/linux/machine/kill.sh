#!/bin/bash
# After kill -9 nothing is left of a machine: no process, no open VM, no lock on its disk
. "$ROOT/tests/linux/session.sh"
truncate -s 1M "$WORK/disk"
vms() { { find /proc/[0-9]*/fd -lname 'anon_inode:kvm-vm*' 2> /dev/null || true; } | wc -l; }
threads() { { grep -ls "$1" /proc/[0-9]*/task/[0-9]*/comm || true; } | wc -l; }

before=$(vms)
start_script --cpus 2 --disk "$WORK/disk" --name doomed <<'GUEST'
echo runs
sleep 1000
GUEST
await '^runs$'
[ "$(vms)" -gt "$before" ] || die "a running machine has no open VM"
[ "$(threads doomed)" -gt 2 ] || die "a running machine has no threads"
kill -KILL "$jvmm_pid"
finish_guest
expect_status 137
[ "$(vms)" = "$before" ] || die "a VM is still open"
[ "$(threads doomed)" = 0 ] || die "threads are left"
flock -n "$WORK/disk" true || die "the disk is still locked"
