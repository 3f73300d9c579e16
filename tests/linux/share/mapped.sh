#!/bin/bash
# With mapped-xattr a guest gives files away, and makes links and devices: attributes keep that, and nobody else of the host gets at them
mkdir "$WORK/kept"
script=$(base64 -w 0 <<'GUEST'
cd /run/share/kept
mkdir sub && echo text > sub/file && chown 12:34 sub/file && chmod 4751 sub/file
ln -s sub/file link && mknod disk b 8 1 && mkfifo pipe
cd / && umount /run/share/kept && mkdir /run/again && mount -t 9p -o trans=virtio,version=9p2000.L kept /run/again && cd /run/again
echo "file $(stat -c '%u:%g %a %F' sub/file)"
echo "disk $(stat -c '%t:%T %F' disk)"
echo "pipe $(stat -c %F pipe)"
echo "link $(readlink link) $(cat link) $(ls -l | grep -c '^l')"
chown root link disk && rm pipe && echo 'all done'
GUEST
)
boot --kernel "$VMLINUX" --rootfs "$ROOTFS,ro" --quiet --cmdline "jvmm.run=$script" --share "$WORK/kept:kept,security=mapped-xattr"
if [ "$status" = 2 ]; then
  expect_error 'security=mapped-xattr keeps owners in extended attributes'
  skip "the file system of $WORK has no extended attributes of users"
fi
expect_status 0
expect '^file 12:34 4751 regular file$'
expect '^disk 8:1 block special file$'
expect '^pipe fifo$'
expect '^link sub/file text 1$'
expect '^all done$'
[ "$(stat -c '%u %a %F' "$WORK/kept/sub/file")" = "$(id -u) 600 regular file" ] || die "$(stat "$WORK/kept/sub/file")"
[ "$(stat -c '%u %a %F' "$WORK/kept/sub")" = "$(id -u) 700 directory" ] || die "$(stat "$WORK/kept/sub")"
[ "$(stat -c '%a %F' "$WORK/kept/disk")" = '600 regular empty file' ] || die "$(stat "$WORK/kept/disk")"
[ "$(cat "$WORK/kept/link")" = sub/file ] || die 'the link is no file with its target'
