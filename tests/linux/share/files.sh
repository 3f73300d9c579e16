#!/bin/bash
# A guest mounts a folder of the host's by its tag: reads, makes, moves and removes files, and reaches nothing outside; a read-only one stays as it is
mkdir -p "$WORK/shared/sub" "$WORK/fixed"
echo 'from the host' > "$WORK/shared/sub/file"
echo fixed > "$WORK/fixed/file"
ln -s ../secret "$WORK/shared/way-out"
echo hidden > "$WORK/secret"
run_in_guest --share "$WORK/shared:tree" --share "$WORK/fixed:fixed,ro" <<'GUEST'
options=trans=virtio,version=9p2000.L,msize=512000
mount -t 9p -o $options tree /mnt
mkdir /run/fixed
mount -t 9p -o $options fixed /run/fixed
cat /mnt/sub/file /run/fixed/file
echo "way out: $(cat /mnt/way-out 2>&1)"
head -c 3000000 /dev/urandom > /mnt/new
echo "new $(sha256sum < /mnt/new)"
mkdir /mnt/made && mv /mnt/new /mnt/made/moved && ln /mnt/made/moved /mnt/second
chmod 640 /mnt/second
for i in $(seq 30); do : > /mnt/made/entry-$i; done
echo "entries $(ls /mnt/made | wc -l)"
exec 3< /mnt/sub/file
rm /mnt/sub/file /mnt/made/entry-*
echo "gone and read: $(cat <&3)"
exec 3<&-
echo no > /run/fixed/file || echo refused
rm /run/fixed/file || echo refused
umount /mnt /run/fixed && echo unmounted
GUEST
expect '^from the host$'
expect '^fixed$'
expect '^way out: .*No such file'
expect '^entries 31$'
expect '^gone and read: from the host$'
expect '^unmounted$'
[ "$(grep -c '^refused$' "$WORK/out")" = 2 ] || die 'the read-only share was changed'
expect "^new $(sha256sum < "$WORK/shared/second")$"
[ "$(stat -c '%a %h' "$WORK/shared/second")" = '640 2' ] || die "$(stat "$WORK/shared/second")"
[ "$(find "$WORK/shared" -type f | sort | tr '\n' ' ')" = "$WORK/shared/made/moved $WORK/shared/second " ] || die "$(find "$WORK/shared")"
[ "$(cat "$WORK/fixed/file")" = fixed ] || die 'the read-only file was changed'
