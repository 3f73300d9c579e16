# shellcheck shell=bash
# For tests with a network: a tap of this host with an address, gone at the end of the test. A test reads this file with
# `. "$ROOT/tests/linux/tap.sh"`, after session.sh.

[ "$(id -u)" = 0 ] || skip "only root makes taps"
command -v ip > /dev/null || skip "no ip on this host (apt install iproute2)"
command -v busybox > /dev/null || skip "no busybox on this host (apt install busybox-static)"
[ -c /dev/net/tun ] || modprobe tun 2> /dev/null || true
[ -c /dev/net/tun ] || skip "no /dev/net/tun on this host"

tap=jvmmt$$
host_ip=10.77.0.1
guest_ip=10.77.0.2
# Words of the guest's kernel: its address, without waiting for anybody.
guest_words="ip=$guest_ip::$host_ip:255.255.255.0::eth0:off"

remove_tap() { ip link del "$tap" 2> /dev/null || true; }
end_network() { end_session; remove_tap; }
trap end_network EXIT

# Makes the tap; words for `ip tuntap add` may follow.
make_tap() {
  ip tuntap add dev "$tap" mode tap "$@" || skip "this host makes no tap"
  ip addr add "$host_ip/24" dev "$tap"
  ip link set "$tap" up
}

# As start_script, and the guest has its address.
start_networked() { # OPTIONS...
  local script
  script=$(base64 -w 0)
  start_guest --kernel "$VMLINUX" --rootfs "$ROOTFS,ro" --quiet --cmdline "$guest_words jvmm.run=$script" "$@"
}

# Sends a file to a port of the guest, at which nc listens soon.
send_to_guest() { # FILE PORT
  local i
  for i in {1..100}; do
    if { exec 8<> "/dev/tcp/$guest_ip/$2"; } 2> /dev/null; then
      cat "$1" >&8
      exec 8>&-
      return
    fi
    sleep 0.2
  done
  die "the guest does not listen at port $2 ($i tries)"
}

# Takes what a port of the guest sends.
take_from_guest() { # FILE PORT
  local i
  for i in {1..100}; do
    if { exec 8<> "/dev/tcp/$guest_ip/$2"; } 2> /dev/null; then
      cat <&8 > "$1"
      exec 8>&-
      return
    fi
    sleep 0.2
  done
  die "the guest does not listen at port $2 ($i tries)"
}

sum() { sha256sum < "$1" | cut -d ' ' -f 1; }

# A counter of the network device at the end of a machine that had --stats=json.
net_counter() { # NAME
  sed -n "s/.*\"name\":\"net tap[^}]*\"$1\":\\([0-9]*\\).*/\\1/p" "$WORK/err"
}
