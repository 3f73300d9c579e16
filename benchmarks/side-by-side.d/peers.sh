# The monitors and how each is started, for the measure-* scripts. Same kernel, image, memory, CPUs and console for all.
# `launch PEER GUEST` sets the array `command`; GUEST is `off` (prints its summary, powers off), `idle` (stays at its shell)
# or `payload`.
# shellcheck shell=bash

guest_mib=232 # not a power of two: nothing else in a process is mapped in just this size

lkvm=${LKVM:-$(command -v lkvm || true)}
qemu=$(command -v qemu-system-x86_64 || true)
diod=$(command -v diod || command -v /usr/sbin/diod || true)
# A software KVM may refuse the MSR that this feature of the processor promises.
if [ "$place" = here ] && ! grep -qE '^flags.*\b(vmx|svm)\b' /proc/cpuinfo; then qemu_cpu=host,-arch-capabilities; else qemu_cpu=host; fi

peer_list() { # names that can be run here and were asked for
  local name installed=(jvmm)
  [ -z "$qemu" ] || installed+=(qemu-acpi qemu)
  if [ "$subject" = block ]; then
    installed=(jvmm)
    [ -z "$qemu" ] || installed+=(qemu qemu-threads)
  fi
  if [ "$subject" = net ]; then
    installed=(jvmm)
    [ -z "$qemu" ] || installed+=(qemu)
    [ -z "$qemu" ] || ! [ -c /dev/vhost-net ] || installed+=(qemu-vhost)
  fi
  [ -z "$lkvm" ] || installed+=(kvmtool)
  if [ "$subject" = vsock ]; then # kvmtool's is vhost-vsock too, by a guest interface of its own
    installed=(jvmm)
    [ -z "$qemu" ] || [ ! -e /dev/vhost-vsock ] || installed+=(qemu)
  fi
  if [ "$subject" = 9p ]; then
    installed=(jvmm)
    [ -z "$qemu" ] || installed+=(qemu)
    [ -z "$qemu" ] || [ -z "$diod" ] || installed+=(diod)
    [ -z "$lkvm" ] || installed+=(kvmtool)
  fi
  for name in "${installed[@]}"; do
    case ,$chosen, in *,all,* | *",$name,"*) echo "$name" ;; esac
  done
  for name in jvmm-mmio jvmm-threads; do # only where they are named
    case ,$chosen, in *",$name,"*) echo $name ;; esac
  done
}

peer_title() {
  case $1 in
    jvmm) echo "jvmm" ;;
    jvmm-mmio) echo "jvmm, virtio-mmio" ;;
    jvmm-threads) echo "jvmm, threads" ;;
    qemu-acpi) echo "QEMU microvm, acpi=on" ;;
    qemu)
      case $subject in
        block) echo "QEMU microvm, io_uring" ;;
        net) echo "QEMU microvm, without vhost" ;;
        vsock) echo "QEMU microvm, vhost-vsock" ;;
        9p) echo "QEMU microvm, virtio-9p" ;;
        *) echo "QEMU microvm, acpi=off" ;;
      esac ;;
    qemu-vhost) echo "QEMU microvm, vhost-net" ;;
    qemu-threads) echo "QEMU microvm, threads" ;;
    diod) echo "diod, TCP" ;;
    kvmtool) echo "kvmtool" ;;
    c) echo "C, the same ioctls" ;;
    hello) echo "java Hello" ;;
  esac
}

peer_version() {
  case $1 in
    jvmm) echo "jvmm $(git -C "$root" rev-parse --short HEAD 2> /dev/null || echo unknown)" ;;
    qemu) "$qemu" --version | sed -n '1s/ emulator version//p' ;;
    kvmtool) echo "kvmtool $("$lkvm" version 2> /dev/null | tail -n 1)" ;;
    diod) echo "diod $(dpkg-query -W -f '${Version}' diod 2> /dev/null || true)" ;;
  esac
}

launch() { # PEER GUEST
  local acpi=off words='console=ttyS0 root=/dev/vda ro quiet reboot=t panic=-1' own=''
  [ "$2" != off ] || own=jvmm.poweroff
  case $1 in
    jvmm | jvmm-mmio)
      command=("$root/bin/jvmm" --mem "${guest_mib}M" --cpus 1)
      [ "$1" = jvmm ] || command+=(--transport mmio)
      if [ "$2" = payload ]; then command+=(--kernel "$work/bin/payload"); else
        command+=(--kernel "$kernel" --rootfs "$image,ro" --cmdline "quiet $own")
      fi ;;
    qemu | qemu-acpi)
      [ "$1" = qemu ] || acpi=on
      command=("$qemu" -M "microvm,acpi=$acpi" -accel kvm -cpu "$qemu_cpu" -m "$guest_mib" -smp 1
        -nodefaults -no-user-config -display none -no-reboot -serial stdio)
      if [ "$2" = payload ]; then command+=(-kernel "$work/bin/payload"); else
        command+=(-kernel "$kernel" -append "$words $own"
          -drive "id=root,file=$image,format=raw,if=none,readonly=on" -device virtio-blk-device,drive=root)
      fi ;;
    kvmtool) # without --nodefaults it adds earlyprintk to the command line, which is slow, and a network device
      command=("$lkvm" run -m "$guest_mib" -c 1 --console serial --nodefaults
        -k "$bzimage" -d "$image,ro" -p "noapic pci=conf1 $words $own") ;;
    c) command=("$work/bin/floor") ;;
    hello) command=(java -cp "$work/bin" Hello) ;;
  esac
}

# The same for `block`: a guest that runs $guest with its root, the tools and the disk under test.
launch_block() { # PEER
  local words='console=ttyS0 root=/dev/vda ro quiet reboot=t panic=-1' aio=io_uring file queue=1 threads=''
  case $1 in
    jvmm | jvmm-mmio | jvmm-threads)
      [ "$1" != jvmm-threads ] || threads=,aio=threads
      command=("$root/bin/jvmm" --mem "${guest_mib}M" --cpus 1 --kernel "$kernel" --rootfs "$image,ro"
        --disk "$tools,ro" --disk "$disk$threads" --cmdline "quiet $guest")
      [ "$1" != jvmm-mmio ] || command+=(--transport mmio) ;;
    qemu*)
      [ "$1" != qemu-threads ] || aio=threads
      command=("$qemu" -M "microvm,acpi=off" -accel kvm -cpu "$qemu_cpu" -m "$guest_mib" -smp 1
        -nodefaults -no-user-config -display none -no-reboot -serial stdio -kernel "$kernel" -append "$words $guest")
      for file in "$image" "$tools" "$disk"; do
        command+=(-drive "id=disk$queue,file=$file,format=raw,if=none,aio=$aio$([ "$file" = "$disk" ] || echo ,readonly=on)"
          -device "virtio-blk-device,drive=disk$queue")
        queue=$((queue + 1))
      done ;;
    kvmtool)
      command=("$lkvm" run -m "$guest_mib" -c 1 --console serial --nodefaults
        -k "$bzimage" -d "$image,ro" -d "$tools,ro" -d "$disk" -p "noapic pci=conf1 $words $guest") ;;
  esac
}

# The same for `net`: a guest that runs $guest with its root, the tools and a network device on $tap.
launch_net() { # PEER
  local words='console=ttyS0 root=/dev/vda ro quiet reboot=t panic=-1' mac=02:00:00:00:78:02 vhost=off file disk=1
  case $1 in
    jvmm | jvmm-mmio)
      command=("$root/bin/jvmm" --mem "${guest_mib}M" --cpus 1 --kernel "$kernel" --rootfs "$image,ro"
        --disk "$tools,ro" --net "tap=$tap,mac=$mac" --cmdline "quiet $guest")
      [ "$1" != jvmm-mmio ] || command+=(--transport mmio) ;;
    qemu | qemu-vhost)
      [ "$1" = qemu ] || vhost=on
      command=("$qemu" -M "microvm,acpi=off" -accel kvm -cpu "$qemu_cpu" -m "$guest_mib" -smp 1
        -nodefaults -no-user-config -display none -no-reboot -serial stdio -kernel "$kernel" -append "$words $guest"
        -netdev "tap,id=net,ifname=$tap,script=no,downscript=no,vhost=$vhost"
        -device "virtio-net-device,netdev=net,mac=$mac")
      for file in "$image" "$tools"; do
        command+=(-drive "id=disk$disk,file=$file,format=raw,if=none,readonly=on"
          -device "virtio-blk-device,drive=disk$disk")
        disk=$((disk + 1))
      done ;;
    kvmtool)
      command=("$lkvm" run -m "$guest_mib" -c 1 --console serial --nodefaults --network "mode=tap,tapif=$tap,guest_mac=$mac"
        -k "$bzimage" -d "$image,ro" -d "$tools,ro" -p "noapic pci=conf1 $words $guest") ;;
  esac
}

# The same for `vsock`: a guest that runs $guest with its root, the tools and a socket device.
launch_vsock() { # PEER
  local words='console=ttyS0 root=/dev/vda ro quiet reboot=t panic=-1' file queue=1
  case $1 in
    jvmm | jvmm-mmio)
      command=("$root/bin/jvmm" --mem "${guest_mib}M" --cpus 1 --kernel "$kernel" --rootfs "$image,ro" --disk "$tools,ro"
        --vsock "cid=42,uds=$uds" --cmdline "quiet $guest")
      [ "$1" != jvmm-mmio ] || command+=(--transport mmio) ;;
    qemu)
      command=("$qemu" -M "microvm,acpi=off" -accel kvm -cpu "$qemu_cpu" -m "$guest_mib" -smp 1
        -nodefaults -no-user-config -display none -no-reboot -serial stdio -kernel "$kernel" -append "$words $guest"
        -device vhost-vsock-device,guest-cid=43)
      for file in "$image" "$tools"; do
        command+=(-drive "id=disk$queue,file=$file,format=raw,if=none,readonly=on" -device "virtio-blk-device,drive=disk$queue")
        queue=$((queue + 1))
      done ;;
  esac
}

# The same for `9p`: a guest that runs $guest with its root, the tools and $folder as `shared`.
launch_9p() { # PEER
  local words='console=ttyS0 root=/dev/vda ro quiet reboot=t panic=-1' file queue=1 vhost=off
  case $1 in
    jvmm | jvmm-mmio)
      command=("$root/bin/jvmm" --mem "${guest_mib}M" --cpus 1 --kernel "$kernel" --rootfs "$image,ro" --disk "$tools,ro"
        --share "$folder:shared" --cmdline "quiet $guest")
      [ "$1" != jvmm-mmio ] || command+=(--transport mmio) ;;
    qemu | diod)
      [ "$1" = qemu ] || words+=" p9.tcp ip=$guest_ip::$host_ip:255.255.255.0::eth0:off"
      command=("$qemu" -M "microvm,acpi=off" -accel kvm -cpu "$qemu_cpu" -m "$guest_mib" -smp 1
        -nodefaults -no-user-config -display none -no-reboot -serial stdio -kernel "$kernel" -append "$words $guest")
      if [ "$1" = qemu ]; then
        command+=(-fsdev "local,id=folder,path=$folder,security_model=passthrough,multidevs=remap"
          -device virtio-9p-device,fsdev=folder,mount_tag=shared)
      else
        [ ! -c /dev/vhost-net ] || vhost=on
        command+=(-netdev "tap,id=net,ifname=$tap,script=no,downscript=no,vhost=$vhost"
          -device "virtio-net-device,netdev=net,mac=02:00:00:00:78:02")
      fi
      for file in "$image" "$tools"; do
        command+=(-drive "id=disk$queue,file=$file,format=raw,if=none,readonly=on" -device "virtio-blk-device,drive=disk$queue")
        queue=$((queue + 1))
      done ;;
    kvmtool)
      command=("$lkvm" run -m "$guest_mib" -c 1 --console serial --nodefaults --9p "$folder,shared"
        -k "$bzimage" -d "$image,ro" -d "$tools,ro" -p "noapic pci=conf1 $words $guest") ;;
  esac
}

# What a guest without ACPI says last: it cannot end its monitor, so the clock stops there.
end_text() { # PEER
  case $1 in qemu | qemu-threads | qemu-vhost | diod | kvmtool) echo 'reboot: ' ;; esac
}

# Starts $command with its output in a log, ended after so many seconds, and waits for its end; one whose guest cannot end
# it is ended after the guest's last words. Status 75 where the emulator lost the guest.
run_command() { # PEER LOG SECONDS
  local end pid status=0
  end=$(end_text "$1")
  echo "+ ${command[*]}" > "$2"
  "$root/tests/kvm-host/guest-watch" timeout --kill-after=5 "$3" "${command[@]}" < /dev/null >> "$2" 2>&1 &
  pid=$!
  while [ -d "/proc/$pid" ]; do
    if [ -n "$end" ] && grep -q 'jvmm.exit=' "$2"; then
      kill $pid 2> /dev/null || true # it hands it on
      break
    fi
    sleep 0.5
  done
  wait $pid 2> /dev/null || status=$?
  [ $status = 75 ] || status=0
  return $status
}

# Every peer in turn, so many times. What is done is not done again where the emulated host had to be started again. One
# that failed is tried again, up to three times, as the emulator now and then loses a guest of any monitor, and the report
# says how often, and how jvmm was started. Status 1 where a monitor failed three times; it is left out from then on.
measure_in_turn() { # FUNCTION, which takes a peer's name, and answers 1 where it failed and 75 where its guest was lost
  local run peer status try again
  mapfile -t peers < <(peer_list)
  mkdir -p "$work/done"
  for ((run = 1; run <= runs; run++)); do
    for peer in "${peers[@]}"; do
      [ ! -e "$work/done/$run.$peer" ] && [ ! -e "$work/done/failed.$peer" ] || continue
      for try in 1 2 3; do
        status=0
        "$1" "$peer" || status=$?
        [ $status != 0 ] || break
        echo "run $run, try $try: $([ $status = 75 ] && echo lost || echo failed)" >> "$work/done/again.$peer"
        echo "side-by-side: $peer, $(tail -n 1 "$work/done/again.$peer")" >&2
      done
      if [ $status = 0 ]; then : > "$work/done/$run.$peer"; else : > "$work/done/failed.$peer"; fi
    done
    echo "side-by-side: run $run of $runs" >&2
  done
  for again in "$work"/done/again.*; do
    [ ! -e "$again" ] ||
      echo "note	$(peer_title "${again##*/again.}"): $(wc -l < "$again") more tries than runs, $(grep -c lost "$again") of them of a guest that the emulator lost" >> "$work/facts.tsv"
  done
  describe_start
  ! compgen -G "$work/done/failed.*" > /dev/null
}

copy_image() { # sets image: the root file system, on this host's own disk
  image=
  [ -n "$rootfs" ] || return 0
  image=$work/rootfs.ext4
  [ "$place" = here ] || image=/scratch/rootfs.ext4
  cp --sparse=always "$rootfs" "$image"
}

figure() { # FIGURE PEER VALUE: one line for the report
  printf '%s\t%s\t%s\n' "$1" "$2" "$3" >> "$work/figures.tsv"
}

describe() { # what the report says about the host and the peers
  local name
  {
    [ "$place" = here ] && echo "host	$(uname -sr), $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1), $(nproc) CPUs"
    [ "$place" = here ] || echo "host	emulated KVM host (tests/kvm-host): $(uname -sr), QEMU TCG, $(nproc) CPUs"
    [ -z "$kernel" ] || echo "guest	$(basename "$(dirname "$kernel")"), 1 CPU, $guest_mib MiB, ext4 root on virtio-blk, console on the serial port, quiet"
    # fio, iperf3 and the rows of vsock and 9p have work that does not count
    if [[ $subject = block || $subject = net || $subject = vsock || $subject = 9p ]]; then echo "runs	$runs of each in turn"; else echo "runs	$runs of each in turn, after one that does not count"; fi
    for name in $(peer_list) "$@"; do
      printf 'peer\t%s\t%s\n' "$name" "$(peer_title "$name")"
      [ -z "$(peer_version "$name")" ] || printf 'version\t%s\n' "$(peer_version "$name")"
    done
    echo "version	$(java -version 2>&1 | sed -n 3p)"
  } > "$work/facts.tsv"
}

describe_start() { # whether jvmm had its own runtime, which decides how fast it starts
  ! grep -q 'starts slowly' "$work/jvmm.log" 2> /dev/null || echo "note	jvmm ran without its runtime, which is not built: its start is many times slower" >> "$work/facts.tsv"
}
