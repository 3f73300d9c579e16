#!/bin/bash
# An ordinary user, with no more than access to /dev/kvm, boots a guest that opens TCP out and is reached by a forward
. "$ROOT/tests/linux/passt.sh"
uid=54321 groups=(--clear-groups)

as_user() { exec setpriv --reuid $uid --regid $uid "${groups[@]}" --no-new-privs "$@"; }
may_use_kvm() { (as_user test -r /dev/kvm -a -w /dev/kvm); }
if ! may_use_kvm; then
  groups=(--groups "$(stat -c %g /dev/kvm)")
  may_use_kvm || skip 'on this host no group may use /dev/kvm'
fi
(as_user unshare --user true) || skip 'on this host an ordinary user has no user namespaces, which passt needs'

# What root has in its own folders, where the user may read it; in the mounts of this test alone.
place=$(mktemp -d /tmp/rootless.XXXXXX)
end_place() {
  end_network
  umount --recursive --lazy "$place" || true
  rmdir "$place"
}
trap end_place EXIT
mount -t tmpfs -o mode=755 rootless "$place"
mkdir "$place/jvmm"
mount --bind "$ROOT" "$place/jvmm"
for image in VMLINUX ROOTFS TOOLS; do
  : > "$place/$image"
  mount --bind "${!image}" "$place/$image"
  declare "$image=$place/$image"
done
run_jvmm() { as_user "$place/jvmm/bin/jvmm" "$@"; }
JVMM=run_jvmm

# Who a process is: all its user and group ids, its groups, what it may do besides.
identity() { sed -n 's/^\(Uid\|Gid\|Groups\|CapPrm\|CapEff\):\t*//p' "/proc/$1/status" | tr -s '\t\n ' ' '; }

serve_lines tcp 7001 host-tcp
start_dhcp_guest --disk "$TOOLS,ro" --net user,hostfwd=tcp:8080:80 << GUEST
ip addr show eth0
say TCP:$gateway:7001 out
serve_lines TCP-LISTEN:80 guest-tcp
echo serves
read -r line
GUEST
await '^serves'
expect_answer tcp 8080 in guest-tcp-in
user=$(identity "$jvmm_pid")
echo "jvmm is $user"
[[ $user = "$uid $uid $uid $uid $uid $uid $uid $uid "*"0000000000000000 0000000000000000 " ]] || die 'jvmm is somebody else'
[ "$(pgrep --ns $$ --nslist net --uid $uid -c -x 'passt|passt.avx2')" = 1 ] || die 'passt is somebody else'
type_line end
finish_guest
expect_status 0
expect "inet $host_address/24"
expect '^host-tcp-out'
expect_no_error
