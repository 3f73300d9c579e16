#!/bin/bash
# Debian's kernel: a plain `reboot` in the shell, and the power button that SIGTERM presses, end the process with status 0
. "$ROOT/tests/linux/session.sh"
debian=(--kernel "$DEBIAN_KERNEL" --initrd "$DEBIAN_INITRD" --quiet)

start_guest "${debian[@]}"
await_shell
type_line reboot
finish_guest
expect_status 0
expect 'reboot: Restarting system'
expect_no_error

start_guest "${debian[@]}"
await_shell
type_line 'until [ -s /run/acpid.pid ]; do sleep 0.1; done; echo listens=$((1 + 1))'
await '^listens=2'
kill -TERM "$jvmm_pid"
finish_guest
expect_status 0
expect 'reboot: Power down'
expect_no_error
