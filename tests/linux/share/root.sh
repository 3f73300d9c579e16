#!/bin/bash
# A folder of the host's is a guest's root file system: programs run from it, and what it writes is the host's at once
mkdir "$WORK/root"
(cd "$WORK/root" && cpio --quiet -id < "$TEST_INITRD")
mkdir -m 755 "$WORK/root/home"
script=$(base64 -w 0 <<'GUEST'
echo "type $(stat -f -c %T /)"
echo 'from the guest' > /home/note
ln -s note /home/link
cp /bin/busybox /home/busybox-2 && chmod 755 /home/busybox-2 && /home/busybox-2 echo 'runs what it has made'
mv /home/busybox-2 /home/moved
echo $(ls /home)
GUEST
)
boot --kernel "$VMLINUX" --rootfs "$WORK/root" --quiet --cmdline "jvmm.run=$script"
expect_status 0
expect '^jvmm\.exit=0$'
expect '^  root    9p \(rw\)$'
expect '^runs what it has made$'
expect '^link moved note$'
[ "$(cat "$WORK/root/home/link")" = 'from the guest' ] || die "$(ls -l "$WORK/root/home")"
cmp "$WORK/root/bin/busybox" "$WORK/root/home/moved"

before=$(cd "$WORK/root" && find . -printf '%p %T@ %C@\n' | sort)
script=$(echo 'cat /home/note; echo no > /home/note || echo refused; mkdir /new || echo refused' | base64 -w 0)
boot --kernel "$VMLINUX" --rootfs "$WORK/root,ro" --quiet --cmdline "jvmm.run=$script"
expect_status 0
expect '^  root    9p \(ro\)$'
expect '^from the guest$'
[ "$(grep -c '^refused$' "$WORK/out")" = 2 ] || die 'the read-only root was changed'
[ "$before" = "$(cd "$WORK/root" && find . -printf '%p %T@ %C@\n' | sort)" ] || die 'the read-only root was changed'
