#!/bin/bash
# What a guest has locked of a file in a shared folder, another guest and the host are refused, and get when it lets go or is killed
. "$ROOT/tests/linux/session.sh"
shared=$WORK/shared told=$WORK/told other=$WORK/other
mkdir "$shared" "$other"
echo 'some text for the lock' > "$shared/file"
posix=${TOOLS%/*}/posix
# It lets go when the folder says so, and has the lock again at its end.
start_script --share "$shared:tree" --disk "$TOOLS,ro" <<'GUEST'
mkdir /run/tools && mount -t ext4 -o ro /dev/vdb /run/tools || exit 1
cd /run/share/tree
/run/tools/posix hold file &
holder=$!
until [ -e let-go ]; do sleep 0.2; done
kill $holder
until [ -e take-again ]; do sleep 0.2; done
/run/tools/posix wait file
GUEST
await '^lock taken$'
! "$posix" try "$shared/file" > "$told" || die 'the host has the lock too'
cat "$told"
grep -qx 'lock refused: EAGAIN' "$told" || die 'the host was refused for another reason'
grep -qx 'in the way: writing, from 10, 10 bytes' "$told" || die 'the host sees another lock'
(
  WORK=$other
  run_in_guest --share "$shared:tree" --disk "$TOOLS,ro" <<'GUEST'
mkdir /run/tools && mount -t ext4 -o ro /dev/vdb /run/tools || exit 1
cd /run/share/tree
/run/tools/posix try file
echo "tried: $?"
: > let-go
/run/tools/posix wait file > /run/waited &
waiter=$!
until grep . /run/waited; do sleep 0.2; done
echo "waited for it"
kill $waiter
GUEST
  expect '^lock refused: EAGAIN$'
  expect '^in the way: writing, from 10, 10 bytes$'
  expect '^tried: 1$'
  expect '^waited for it$'
)
"$posix" try "$shared/file" || die 'a guest that has ended has the lock still'
: > "$shared/take-again"
held=no
for _ in $(seq 300); do
  "$posix" try "$shared/file" > "$told" || { held=yes; break; }
  read -rt 0.2 -u "$never" || true
done
[ $held = yes ] || die 'the first guest has not taken the lock again'
kill -KILL "$jvmm_pid"
wait "$jvmm_pid" || true
jvmm_pid=
"$posix" try "$shared/file" || die 'a guest that was killed has the lock still'
