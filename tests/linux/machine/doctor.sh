#!/bin/bash
# `jvmm doctor` finds that this host can run an operating system
status=0
"$JVMM" doctor > "$WORK/out" 2> "$WORK/err" || status=$?
cat "$WORK/out" "$WORK/err"
expect_status 0
expect_no_error
"$JVMM" doctor --can-boot-linux || die "it says no to scripts"
