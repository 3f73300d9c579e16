#!/bin/bash
# A reader of the console that goes away ends no machine: the guest runs to its end, and stderr says what is lost
printf nothing > "$WORK/disk"
truncate -s 1M "$WORK/disk"
script=$(base64 -w 0 << 'GUEST'
echo first
i=0; while [ $i -lt 50 ]; do echo more and more; i=$((i + 1)); done
echo survived | dd of=/dev/vdb conv=notrunc status=none
GUEST
)
status=0
{ timeout --kill-after=10 120 "$JVMM" --kernel "$VMLINUX" --rootfs "$ROOTFS,ro" --disk "$WORK/disk" --quiet --cmdline "jvmm.run=$script" \
  < /dev/null 2> "$WORK/err" || status=$?; echo $status > "$WORK/status"; } | grep -m 1 first
cat "$WORK/err"
[ "$(cat "$WORK/status")" = 0 ] || die "status $(cat "$WORK/status")"
[ "$(head -c 8 "$WORK/disk")" = survived ] || die "the guest did not go on"
expect_error '^jvmm: what the guest writes to its console is lost from now on: .*EPIPE'
