#!/bin/bash
# Whose the files of a share are: of passthrough the guest's owners are the host's, of none they are this user's, and shown as another's
mkdir "$WORK/kept" "$WORK/mine"
echo mine > "$WORK/mine/file"
run_in_guest --share "$WORK/kept:kept,security=passthrough" --share "$WORK/mine:mine,uid=1000:50,cache=none" <<'GUEST'
cd /run/share
echo x > kept/file && chown 12:34 kept/file && chmod 4750 kept/file && mkfifo kept/pipe
mknod kept/disk b 8 0 || echo 'no disk'
echo "shown $(stat -c '%u:%g' mine/file)"
echo y > mine/new && chown 12:34 mine/new
echo "shown $(stat -c '%u:%g' mine/new)"
grep ' /run/share/mine 9p ' /proc/mounts | grep -vc '[,=]mmap'
GUEST
[ "$(grep -c '^shown 1000:50$' "$WORK/out")" = 2 ] || die 'the owner is not shown as the guest'"'"'s'
expect '^no disk$'
expect '^1$'
[ "$(stat -c '%u:%g %a %F' "$WORK/kept/file")" = '12:34 4750 regular file' ] || die "$(stat "$WORK/kept/file")"
[ "$(stat -c %F "$WORK/kept/pipe")" = fifo ] || die "$(stat "$WORK/kept/pipe")"
[ "$(stat -c %u "$WORK/mine/new")" = "$(id -u)" ] || die "$(stat "$WORK/mine/new")"

boot --kernel "$VMLINUX" --share "$WORK/kept:kept,security=passthrough,uid=0"
expect_status 2
expect_error 'uid= is for security=none'
