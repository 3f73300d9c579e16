#!/bin/bash
# A plain `poweroff` in the small kernel's shell ends the process with status 0
. "$ROOT/tests/linux/session.sh"
start_guest --kernel "$VMLINUX" --rootfs "$ROOTFS,ro" --quiet
await_shell
type_line poweroff
finish_guest
expect_status 0
expect 'reboot: Power down'
expect_no_error
