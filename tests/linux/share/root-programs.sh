#!/bin/bash
# Debian works from a folder of the host's as its root file system, an overlay as container engines make it: dpkg, git, a compiler, fio
# limit: 900
. "$ROOT/tests/linux/workloads.sh"
on_shared_root "$WORKLOADS" <<'GUEST'
set -e
cd /root
now() { echo "$(cut -d ' ' -f 1 /proc/uptime) $*"; }

now dpkg
mkdir -p package/DEBIAN package/usr/bin
cat > package/DEBIAN/control <<'CONTROL'
Package: jvmm-probe
Version: 1
Architecture: all
Maintainer: guest <guest@example.org>
Description: a probe
CONTROL
printf '#!/bin/sh\necho "set up by $1" > /var/lib/jvmm-probe\n' > package/DEBIAN/postinst && chmod 755 package/DEBIAN/postinst
printf '#!/bin/sh\ncat /var/lib/jvmm-probe\n' > package/usr/bin/probe && chmod 755 package/usr/bin/probe
dpkg-deb --root-owner-group -b package probe.deb > /dev/null
dpkg -i probe.deb > /dev/null && probe && dpkg -V jvmm-probe && dpkg -s jvmm-probe | grep Status

now compiler
printf '#include <stdio.h>\nint main(void) { puts("compiled on the root"); return 0; }\n' > hello.c
tcc -o /usr/local/bin/hello hello.c && /usr/local/bin/hello

now git
git init -q tree && git -C tree config user.name guest && git -C tree config user.email guest@example.org
cp hello.c tree && git -C tree add . && git -C tree commit -q -m first && echo "git: $(git -C tree fsck --strict 2>&1)"

now fio
fio --name=random --filename=/var/tmp/fio --size=2M --rw=randwrite --bs=4k --ioengine=mmap --verify=crc32c > fio.log || { cat fio.log; exit 1; }
rm /var/tmp/fio && mv /usr/local/bin/hello /usr/bin/hello && ln /usr/bin/hello /usr/bin/hello-2
now end
GUEST
expect '^  root    9p \(rw\)$'
expect '^set up by configure$'
expect '^Status: install ok installed$'
expect '^compiled on the root$'
expect '^git: $'
[ -x "$WORK/upper/usr/bin/probe" ] || die "$(find "$WORK/upper" | head -n 100)"
[ "$(stat -c '%h %s' "$WORK/upper/usr/bin/hello")" = "$(stat -c '2 %s' "$WORK/root/usr/bin/hello-2")" ] || die "$(ls -l "$WORK/upper/usr/bin")"
[ ! -e "$WORK/upper/var/tmp/fio" ] || die 'the removed file is there'
