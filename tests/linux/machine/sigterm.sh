#!/bin/bash
# SIGTERM lets the guest turn itself off, status 0; one that does not listen is ended by the second, status 143
. "$ROOT/tests/linux/session.sh"
cp "$ROOTFS" "$WORK/disk"
chmod 600 "$WORK/disk"

start_guest --kernel "$VMLINUX" --rootfs "$WORK/disk" --quiet
await_shell
type_line 'echo kept > /root/kept; until [ -s /run/acpid.pid ]; do sleep 0.1; done; echo listens=$((1 + 1))'
await '^listens=2'
kill -TERM "$jvmm_pid"
finish_guest
expect_status 0
expect 'reboot: Power down'
expect_no_error
[ "$(debugfs -R 'cat /root/kept' "$WORK/disk" 2> /dev/null)" = kept ] || die "what the guest wrote before is not on its disk"

start_guest --kernel "$VMLINUX" --rootfs "$ROOTFS,ro" --quiet
await_shell
type_line 'killall acpid; echo deaf=$((1 + 1))'
await '^deaf=2'
kill -TERM "$jvmm_pid"
sleep 2
kill -0 "$jvmm_pid" || die "the first signal ended a machine whose guest does not listen"
kill -TERM "$jvmm_pid"
finish_guest
expect_status 143
