#!/bin/bash
# A Linux boot loads almost nothing from outside the class archive, and links one downcall shape
runtime=$ROOT/vmm/target/runtime/current
status=0
timeout 120 "$runtime/bin/java" "@$runtime/jvm-options" "-XX:SharedArchiveFile=$runtime/lib/jvmm.jsa" \
  "-Xlog:class+load=info:file=$WORK/classes" -m io.jvmm.vmm/io.jvmm.vmm.cli.Jvmm --kernel "$VMLINUX" \
  --rootfs "$ROOTFS,ro" --cpus 2 --quiet --cmdline jvmm.poweroff < /dev/null > "$WORK/out" || status=$?
[ $status = 0 ] || die "exit status $status: $(cat "$WORK/out")"

grep -v 'source: shared objects file' "$WORK/classes" > "$WORK/outside" || true
cat "$WORK/outside"
[ "$(wc -l < "$WORK/outside")" -le 20 ] || die "more than 20 classes come from outside the archive"
! grep ' io\.jvmm\.' "$WORK/outside" || die "a class of jvmm comes from outside the archive"
[ "$(grep -c 'abi\.DowncallStub/' "$WORK/classes")" = 1 ] || die "more than one downcall shape"
