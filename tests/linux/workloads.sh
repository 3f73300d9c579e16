# shellcheck shell=bash
# Guests that run real programs on a shared folder: Debian's, from the image of workloads.

# Boots the image, read-only, with the folder $WORK/shared at /run/share/work, and runs the script that comes from stdin.
on_share() { # "$WORKLOADS" OPTIONS...
  local image=$1
  shift
  mkdir -p "$WORK/shared"
  run_script_disk /dev/vdb --rootfs "$image,ro" --share "$WORK/shared:work" "$@"
}

# The same with the image's files as the root file system, shared from a folder: an overlay, as container engines make it,
# whose upper layer is $WORK/upper.
on_shared_root() { # "$WORKLOADS" OPTIONS...
  local image=$1
  shift
  [ "$(id -u)" = 0 ] || skip 'mounting an image needs root'
  if [ ! -d "$WORK/root" ]; then
    mkdir "$WORK/image" "$WORK/upper" "$WORK/work" "$WORK/root"
    mount -o loop,ro "$image" "$WORK/image"
    trap 'umount "$WORK/root" "$WORK/image"' EXIT
    mount -t overlay -o "lowerdir=$WORK/image,upperdir=$WORK/upper,workdir=$WORK/work" overlay "$WORK/root"
  fi
  run_script_disk /dev/vda --rootfs "$WORK/root" "$@"
}

# A script longer than a kernel's command line comes on a disk.
run_script_disk() { # DEVICE OPTIONS...
  local device=$1
  shift
  cat > "$WORK/script"
  truncate -s %512 "$WORK/script"
  BOOT_LIMIT=${BOOT_LIMIT:-900} boot --kernel "$VMLINUX" --mem 512M --quiet --disk "$WORK/script,ro" --cmdline "jvmm.run=@$device" "$@"
  expect_status 0
  expect '^jvmm\.exit=0$'
}
