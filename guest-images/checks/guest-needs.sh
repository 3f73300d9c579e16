# Runs in the guest (busybox sh, as root, /run and /tmp writable) and asserts that its kernel has what containers, shared
# folders and the agent need. Prints TAP; exit status 1 if anything is missing. Start it with `jvmm.run=@/dev/vdb`.
count=0 failed=0

ok() { # NAME COMMAND...: the command must succeed
  name=$1
  shift
  count=$((count + 1))
  "$@" >/run/check.log 2>&1
  status=$?
  if [ $status = 0 ]; then
    echo "ok $count - $name"
  else
    failed=$((failed + 1))
    echo "not ok $count - $name (status $status)"
    sed 's/^/# /' /run/check.log
  fi
}

skip() { # NAME REASON
  count=$((count + 1))
  echo "ok $count - $1 # SKIP $2"
}

answers() { # ERRNO NUMBER ARGUMENTS...: the system call exists and refuses these arguments with this errno
  errno=$1
  shift
  try-syscall "$@"
  [ $? = "$errno" ]
}

has() { # FILESYSTEM
  grep -qE "(^|	)$1\$" /proc/filesystems
}

configured() { # OPTION...: asserted where no command of busybox could use it
  for option in "$@"; do
    zcat /proc/config.gz | grep -qE "^CONFIG_$option=[ym]" || { echo "CONFIG_$option"; return 1; }
  done
}

write() { # TEXT FILE
  echo "$1" >"$2"
}

cd /tmp
: >locked

# Files
ok 'flock' try-syscall 73 3 2 3<>locked
ok 'POSIX record locks' try-syscall 72 3 6 @ 3<>locked
ok 'open file description locks' try-syscall 72 3 37 @ 3<>locked
ok 'memfd' try-syscall 319 name 0
ok 'inotify' try-syscall 294 0
ok 'fanotify' try-syscall 300 0 0
ok 'file handles' answers 75 303 4294967196 /tmp @ @ 0
ok 'open by handle is there' answers 22 304 99 @ 0
ok 'splice' answers 9 275 99 0 99 0 1
ok 'copy_file_range' answers 9 326 99 0 99 0 1
ok 'extended attributes on tmpfs' try-syscall 188 /tmp/locked trusted.jvmm value 5 0
ok 'loop devices, ext4' sh -c 'truncate -s 8M /tmp/image; losetup -f && losetup "$(losetup -f)" /tmp/image && mke2fs /dev/loop0 && mkdir -p /run/m && mount -t ext4 /dev/loop0 /run/m && umount /run/m'
ok 'discard of a loop device' blkdiscard /dev/loop0
ok 'swap' sh -c 'mkswap /dev/loop0 && swapon /dev/loop0 && grep -q loop0 /proc/swaps && swapoff /dev/loop0'
for fs in ext4 overlay squashfs erofs tmpfs 9p virtiofs fuse hugetlbfs devtmpfs devpts mqueue cgroup2 bpf binfmt_misc proc sysfs; do
  ok "file system $fs" has $fs
done
ok 'overlay mounts and copies up' sh -c 'mkdir -p /tmp/o/l /tmp/o/u /tmp/o/w /tmp/o/m && echo 1 >/tmp/o/l/f && mount -t overlay -o lowerdir=/tmp/o/l,upperdir=/tmp/o/u,workdir=/tmp/o/w o /tmp/o/m && echo 2 >>/tmp/o/m/f && [ "$(cat /tmp/o/u/f)" = "1
2" ] && umount /tmp/o/m'
ok 'mount attributes' try-syscall 442 99 nowhere 0 @ 32
ok 'new mount API' try-syscall 430 tmpfs 0
shared=
for tag in /sys/bus/virtio/drivers/9pnet_virtio/*/mount_tag; do
  [ ! -e "$tag" ] || shared=$(tr -d '\0' <"$tag")
done
if [ -n "$shared" ]; then
  ok '9p mounts a shared folder' sh -c "mkdir -p /run/9p && mount -t 9p -o trans=virtio,version=9p2000.L $shared /run/9p && ls /run/9p && umount /run/9p"
else
  ok '9p over virtio has its driver' test -d /sys/bus/virtio/drivers/9pnet_virtio
fi

# Processes, time, memory
ok 'epoll' try-syscall 291 0
ok 'eventfd' try-syscall 290 0 0
ok 'signalfd' answers 22 289 99 @ 4 0
ok 'timerfd' try-syscall 283 1 0
ok 'POSIX timers' try-syscall 222 1 0 @
ok 'AIO' try-syscall 206 8 @
ok 'io_uring' try-syscall 425 8 @
ok 'futex' try-syscall 202 @ 1 1
ok 'membarrier' try-syscall 324 0 0
ok 'rseq' answers 22 334 @ 1 0 0
ok 'pidfd' try-syscall 434 1 0
ok 'kcmp' try-syscall 312 1 1 0 0 0
ok 'process_vm_readv' try-syscall 310 1 0 0 0 0
ok 'System V shared memory' try-syscall 29 0 4096 512
ok 'System V semaphores' try-syscall 64 0 1 512
ok 'System V messages' try-syscall 68 0 512
ok 'POSIX message queues' try-syscall 240 jvmm-check 66 384 0
ok 'mlock' try-syscall 149 @ 4096
ok 'madvise' try-syscall 28 @ 4096 0
ok 'core dumps' test -e /proc/sys/kernel/core_pattern
ok 'sysctl' sh -c 'echo check >/proc/sys/kernel/hostname && [ "$(hostname)" = check ]'
ok 'network sysctl' write 1 /proc/sys/net/ipv4/ip_forward
ok 'page map' test -e /proc/self/pagemap
ok 'smaps' grep -q Rss /proc/self/smaps
ok 'clear_refs' write 1 /proc/self/clear_refs
ok 'vmstat counters' grep -q '^pgfault ' /proc/vmstat
ok 'transparent huge pages' grep -q madvise /sys/kernel/mm/transparent_hugepage/enabled
ok 'drop_caches' write 3 /proc/sys/vm/drop_caches
ok 'compaction' test -e /proc/sys/vm/compact_memory
ok 'sysrq' test -w /proc/sysrq-trigger
if dmesg | grep -q 'Hypervisor detected: KVM'; then
  ok 'kvmclock' grep -q kvm-clock /sys/devices/system/clocksource/clocksource0/available_clocksource
else
  skip 'kvmclock' 'not on KVM'
fi
ok 'entropy at once' try-syscall 318 @ 32 1
ok '32-bit programs' configured IA32_EMULATION
ok 'pseudo terminals' sh -c 'mkdir -p /run/pts && mount -t devpts -o newinstance,ptmxmode=666 devpts /run/pts && : <>/run/pts/ptmx && umount /run/pts'

# Containers
for ns in cgroup ipc mnt net pid time user uts; do
  ok "namespace $ns" test -e /proc/self/ns/$ns
done
ok 'a user namespace maps its root' unshare -U -r true
ok 'unshare all' unshare -m -u -i -n -p -f -U -r sh -c '[ "$(id -u)" = 0 ] && mount -t proc proc /proc && [ "$$" = 1 ]'
cgroup=/sys/fs/cgroup
for controller in cpuset cpu io memory hugetlb pids misc; do
  ok "cgroup controller $controller" write "+$controller" $cgroup/cgroup.subtree_control
done
ok 'a cgroup with limits holds a process' sh -c "mkdir -p $cgroup/check && cd $cgroup/check && echo 64M >memory.max && echo 64M >memory.swap.max && echo 16 >pids.max && echo '50000 100000' >cpu.max && echo 0 >cpuset.cpus && sh -c 'echo \$\$ >cgroup.procs && true' && echo 1 >cgroup.freeze && echo 0 >cgroup.freeze && echo 1 >cgroup.kill"
ok 'a memory limit kills' sh -c "cd $cgroup/check && echo 16M >memory.max && echo 0 >memory.swap.max; sh -c 'echo \$\$ >cgroup.procs; head -c 40000000 /dev/zero | tail -c 40000000 >/dev/null'; grep -qE '^oom_kill [1-9]' memory.events"
ok 'devices by BPF' configured CGROUP_BPF BPF_SYSCALL
ok 'pressure files can be switched on' configured PSI
ok 'bpf' answers 22 321 0 @ 72
ok 'seccomp filters' try-syscall 317 2 0 @
ok 'landlock' try-syscall 444 0 0 1
ok 'session keyring' try-syscall 250 1 0
ok 'pivot_root' answers 2 155 /nowhere /nowhere

# Network
ok 'vsock' try-syscall 41 40 1 0
ok 'vsock device file' test -e /dev/vsock
ok 'packet sockets' try-syscall 41 17 3 0
ok 'netlink for nftables' try-syscall 41 16 3 12
ok 'IPv6' try-syscall 41 10 2 0
ok 'tun' test -c /dev/net/tun
ok 'bridge with a veth pair in another namespace' unshare -n sh -c 'ip link add br0 type bridge && ip link add v0 type veth && ip link set v0 up && brctl addif br0 v0'
for kind in dummy macvlan; do
  ok "link $kind" unshare -n sh -c "ip link add d0 type dummy && ip link set d0 up && { [ $kind = dummy ] || ip link add link d0 name x0 type $kind; }"
done
ok 'nftables and iptables' configured NF_TABLES NFT_CT NFT_NAT NFT_MASQ NFT_COMPAT NF_CONNTRACK NETFILTER_XT_MATCH_ADDRTYPE BRIDGE_NETFILTER
ok 'connection tracking' test -e /proc/sys/net/netfilter/nf_conntrack_max

# Machine
ok 'serial console' grep -q ttyS0 /proc/consoles
ok 'hardware random device' test -c /dev/hwrng
ok 'pvpanic driver' test -d /sys/bus/platform/drivers/pvpanic-mmio
ok 'power button driver' test -d /sys/bus/acpi/drivers/button
ok 'virtio over mmio' test -d /sys/bus/platform/drivers/virtio-mmio
ok 'virtio over PCI' test -d /sys/bus/pci/drivers/virtio-pci
for driver in virtio_blk virtio_net virtio_console virtio_balloon virtio_rng vmw_vsock_virtio_transport virtiofs virtio_pmem virtio_mem; do
  ok "driver $driver" test -d /sys/bus/virtio/drivers/$driver
done
ok 'device mapper' test -c /dev/mapper/control
ok 'vmap stacks, stack protector, hardened copies' configured VMAP_STACK STACKPROTECTOR_STRONG HARDENED_USERCOPY FORTIFY_SOURCE STRICT_KERNEL_RWX SLAB_FREELIST_HARDENED
ok 'vulnerabilities are mitigated' sh -c '! grep -l "^Vulnerable$" /sys/devices/system/cpu/vulnerabilities/*'

echo "1..$count"
[ $failed = 0 ]
