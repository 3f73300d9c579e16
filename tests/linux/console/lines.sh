#!/bin/bash
# Lines from a pipe that ends are read by the guest, which goes on after the end
printf 'first line\nsecond line\n' > "$WORK/lines"
script=$(base64 -w 0 << 'GUEST'
echo ready
read -r a
read -r b
echo "got $a and $b"
GUEST
)
status=0
# The lines come when the guest is there: a tty that nobody has opened forgets what comes.
{ until grep -q '^ready' "$WORK/raw"; do sleep 0.2; done; cat "$WORK/lines"; } 2> /dev/null |
  timeout 120 "$JVMM" --kernel "$VMLINUX" --rootfs "$ROOTFS,ro" --quiet --cmdline "jvmm.run=$script" > "$WORK/raw" 2> "$WORK/err" || status=$?
tr -d '\r' < "$WORK/raw" > "$WORK/out"
cat "$WORK/out" "$WORK/err"
expect_status 0
expect '^got first line and second line$'
expect_no_error
