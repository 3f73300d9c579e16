#!/bin/bash
# The owner of a machine inflates and deflates the balloon while the guest runs, and asks for its statistics
# limit: 600
jars=$(printf ':%s' "$ROOT"/vmm/target/libraries/*.jar)
for room in host memory virtio devices boot vmm; do
  for jar in "$ROOT/$room/target/jvmm-$room"-[0-9]*.jar; do
    case $jar in *-tests.jar) ;; *) jars=$jars:$jar ;; esac
  done
done
"$("$ROOT/bin/find-jdk")/bin/java" -XX:+UseSerialGC -Xmx64m --enable-native-access=io.jvmm.host --illegal-native-access=deny \
  --module-path "$jars" --add-modules io.jvmm.vmm "$ROOT/tests/linux/balloon/Target.java" "$VMLINUX" "$ROOTFS" | tee "$WORK/out"
free() { sed -n "s/^$1 free \([0-9]*\) .*/\1/p" "$WORK/out"; }
expect '^before free [0-9]+ total 1[0-9][0-9]$'
[ "$(free inflated)" -le $(($(free before) - 24)) ] || die 'the guest has as much as before'
[ "$(free deflated)" -ge $(($(free inflated) + 24)) ] || die 'the guest has not got it back'
