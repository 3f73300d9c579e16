# shellcheck shell=bash
# For tests that put a device of the kernel's device mapper below a disk: `. "$ROOT/tests/linux/device-mapper.sh"`. All
# is undone when the test ends.

[ "$(id -u)" = 0 ] || skip "only root can make devices of the device mapper"
command -v dmsetup > /dev/null || skip "dmsetup is missing (apt-get install dmsetup)"
# The kernel that runs the test may have no module for it.
dmsetup version > "$WORK/dm" 2>&1 || skip "this kernel has no device mapper: $(tail -n 1 "$WORK/dm")"

mapper_undo=()
undo_mapper() {
  local i
  for ((i = ${#mapper_undo[@]} - 1; i >= 0; i--)); do ${mapper_undo[i]} || true; done
}
trap undo_mapper EXIT

# Makes a loop device of a file; sets device.
attach_loop() { # FILE
  device=$(losetup --show --find "$1")
  mapper_undo+=("losetup --detach $device")
}

# Makes a mapped device of a table from stdin; sets device.
map_device() { # NAME TARGET
  local name=jvmm-test-$$-$1
  modprobe "dm-$2" 2> /dev/null || true
  dmsetup targets | grep -q "^$2 " || skip "this kernel has no dm-$2"
  dmsetup create "$name"
  mapper_undo+=("dmsetup remove --retry $name")
  device=/dev/mapper/$name
}
