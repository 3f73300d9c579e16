#!/bin/bash
# PostgreSQL keeps its data in a shared folder, and what was committed is there after a crash
# limit: 1500
. "$ROOT/tests/linux/workloads.sh"
[ "${LONG:-0}" != 0 ] || skip 'takes five minutes in the emulated host: LONG=1 runs it'
on_share "$WORKLOADS" <<'GUEST'
set -e
cd /run/share/work
now() { echo "$(cut -d ' ' -f 1 /proc/uptime) $*"; }
as() { setpriv --reuid=postgres --regid=postgres --clear-groups "$@"; }
ask() { as psql -X -A -t -P pager=off -c "$1" bench; }
start() { as pg_ctl -w -t 300 -l /tmp/log -o '-c shared_buffers=16MB -c recovery_init_sync_method=syncfs' start > /dev/null; }
digest="select md5(string_agg(aid || ':' || abalance, ',' order by aid)) from pgbench_accounts"
export PGDATA=$PWD/data PATH=/usr/lib/postgresql/15/bin:$PATH
chown postgres .
mkdir -m 777 -p /run/postgresql
now initdb
as initdb -A trust --no-locale -E UTF8 --no-sync > /run/initdb || { cat /run/initdb; exit 1; }
now start
start
as createdb bench
now fill
as pgbench -q -i -s 1 bench 2> /dev/null
now bench
as pgbench -n -t 50 -c 2 bench | grep 'processed\|failed'
before=$(ask "$digest")
now crash
as pg_ctl -m immediate stop > /dev/null
start
[ "$before" = "$(ask "$digest")" ] && echo "digest $before"
echo "history $(ask 'select count(*) from pgbench_history')"
as pg_ctl stop > /dev/null
now end
GUEST
expect '^number of transactions actually processed: 100/100$'
expect '^digest [0-9a-f]{32}$'
expect '^history 100$'
