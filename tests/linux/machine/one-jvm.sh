#!/usr/bin/env bash
# One JVM boots ten Linux machines one after the other, then three at once, and holds nothing of them afterwards
# limit: 600
jars=$(printf ':%s' "$ROOT"/vmm/target/libraries/*.jar)
for room in host memory virtio devices boot vmm; do
  for jar in "$ROOT/$room/target/jvmm-$room"-[0-9]*.jar; do
    case $jar in *-tests.jar) ;; *) jars=$jars:$jar ;; esac
  done
done
"$("$ROOT/bin/find-jdk")/bin/java" -XX:+UseSerialGC -Xmx64m --enable-native-access=io.jvmm.host --illegal-native-access=deny \
  --module-path "$jars" --add-modules io.jvmm.vmm "$ROOT/tests/linux/machine/ManyMachines.java" "$VMLINUX" "$ROOTFS" 10 3 |
  tee "$WORK/out"
expect '^init 14 off 14$'
[ "$(sed -n 's/^before: *//p' "$WORK/out")" = "$(sed -n 's/^after: *//p' "$WORK/out")" ] || die 'the JVM holds more than before'
expect ' 0 machine threads, 0 mappings of KVM$'
