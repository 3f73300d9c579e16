#!/bin/bash
# git, tar, a compiler, dpkg and SQLite work in a shared folder as they do on a disk
# limit: 900
. "$ROOT/tests/linux/workloads.sh"
on_share "$WORKLOADS" <<'GUEST'
set -e
export HOME=/tmp
cd /run/share/work
now() { echo "$(cut -d ' ' -f 1 /proc/uptime) $*"; }

now tar
tar cJf sys.tar.xz -C /usr/include/x86_64-linux-gnu sys
mkdir source && tar xf sys.tar.xz -C source
diff -r source/sys /usr/include/x86_64-linux-gnu/sys && echo "tar: $(ls source/sys | wc -l) files"

now git
git config --global user.name guest && git config --global user.email guest@example.org
git init -q origin && cp source/sys/sh*.h origin/ && git -C origin add . && git -C origin commit -q -m first
git clone -q origin clone && git -C clone fsck --full --strict && git -C clone status --short
echo "git: $(git -C clone log --format=%s), $(git -C clone ls-files | wc -l) files"

now make
mkdir program && cd program
echo 'int add(int a, int b) { return a + b; }' > add.c
cat > main.c <<'C'
#include <stdio.h>
int add(int, int);
int main(void) { return printf("two and two are %d\n", add(2, 2)) < 0; }
C
printf 'CC = tcc\nprogram: main.o add.o\n\ttcc -o $@ $^\n' > Makefile
make -s 2> /dev/null && ./program && make -q 2> /dev/null && echo 'make: up to date'
cd ..

now dpkg
mkdir -p package/DEBIAN package/usr/bin root/var/lib/dpkg/info root/var/lib/dpkg/updates && touch root/var/lib/dpkg/status
cat > package/DEBIAN/control <<'CONTROL'
Package: jvmm-probe
Version: 1
Architecture: all
Maintainer: guest <guest@example.org>
Description: a probe
CONTROL
printf '#!/bin/sh\necho installed\n' > package/usr/bin/probe && chmod 755 package/usr/bin/probe
dpkg-deb --root-owner-group -b package probe.deb > /dev/null
dpkg --root=root --log=/dev/null --force-script-chrootless -i probe.deb > /dev/null && root/usr/bin/probe
dpkg --root=root --log=/dev/null -V jvmm-probe && dpkg --root=root --log=/dev/null --purge jvmm-probe > /dev/null
[ -e root/usr/bin/probe ] || echo purged

now sqlite
for journal in delete wal; do
  sqlite3 $journal.db "pragma journal_mode=$journal; create table t(a integer primary key, b text);" > /dev/null
  for round in 1 2 3; do
    sqlite3 $journal.db "begin; with recursive n(i) as (select 1 union all select i + 1 from n where i < 500)
      insert into t(b) select hex(i * 7919 + $round) from n; delete from t where a % 7 = $round; commit;"
  done
  sqlite3 $journal.db "begin; delete from t; rollback;"
  echo "sqlite $journal: $(sqlite3 $journal.db 'pragma integrity_check; select count(*) || sum(length(b)) from t' | tr '\n' ' ')"
done
sqlite3 delete.db .dump > /run/delete && sqlite3 wal.db .dump > /run/wal && cmp /run/delete /run/wal && echo "sqlite: $(sha256sum < /run/wal)"
now end
GUEST
expect '^tar: [0-9]+ files$'
expect '^git: first, [0-9]+ files$'
expect '^two and two are 4$'
expect '^make: up to date$'
expect '^installed$'
expect '^purged$'
expect '^sqlite delete: ok 107114398 $'
expect '^sqlite wal: ok 107114398 $'
expect '^sqlite: [0-9a-f]{64}'
