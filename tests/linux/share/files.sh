#!/bin/bash
# A guest finds a folder of the host's mounted by its tag: reads, makes, moves and removes files, and reaches nothing outside; a read-only one stays as it is
mkdir -p "$WORK/shared/sub" "$WORK/fixed"
echo 'from the host' > "$WORK/shared/sub/file"
echo fixed > "$WORK/fixed/file"
ln -s ../secret "$WORK/shared/way-out"
echo hidden > "$WORK/secret"
run_in_guest --share "$WORK/shared:tree" --share "$WORK/fixed:fixed,ro" <<'GUEST'
cd /run/share
grep -c ' 9p .*[,=]mmap' /proc/mounts
cat tree/sub/file fixed/file
echo "way out: $(cat tree/way-out 2>&1)"
head -c 3000000 /dev/urandom > tree/new
echo "new $(sha256sum < tree/new)"
mkdir tree/made && mv tree/new tree/made/moved && ln tree/made/moved tree/second
chmod 640 tree/second
for i in $(seq 30); do : > tree/made/entry-$i; done
echo "entries $(ls tree/made | wc -l)"
exec 3< tree/sub/file
rm tree/sub/file tree/made/entry-*
echo "gone and read: $(cat <&3)"
exec 3<&-
echo no > fixed/file || echo refused
rm -f fixed/file || echo refused
cd / && umount /run/share/* && echo unmounted
GUEST
expect '^2$'
expect '^  share   fixed on /run/share/fixed'
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
