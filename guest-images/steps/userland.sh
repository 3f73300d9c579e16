# The guest's user land (busybox and the files in userland/), as an ext4 image and as an initramfs.

userland_inputs() { # sets `inputs`
  package_version busybox-static
  busybox_version=$version
  inputs="busybox-static $version $(hash_of -- steps/userland.sh $(find userland -type f | LC_ALL=C sort))"
}

rootfs_entry() {
  userland_inputs
  cached rootfs "$(hash_of "$inputs" -- steps/userland.sh)" make_rootfs
}

test_initrd_entry() {
  userland_inputs
  cached test-initrd "$(hash_of "$inputs" -- steps/userland.sh)" make_test_initrd
}

compile_program() { # SOURCE PROGRAM: static, without a C library
  gcc -Os -Wall -Wextra -Werror -ffreestanding -fno-stack-protector -fno-asynchronous-unwind-tables \
    -static -nostdlib -no-pie -fno-pie -s -Wl,--build-id=none -Wl,-z,noseparate-code -o "$2" "$1"
}

# Fills ROOT with the user land's tree.
make_userland() { # ROOT WORK
  local root=$1 applet
  require gcc=gcc
  package_tree busybox-static "$busybox_version" "$2"
  mkdir -p "$root"/{bin,sbin,dev,proc,sys,run,tmp,mnt,root,lib/modules}
  cp "$tree/bin/busybox" "$root/bin/"
  for applet in $("$root/bin/busybox" --list); do
    [ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"
  done
  cp -r userland/etc "$root/"
  compile_program userland/init.c "$root/sbin/init"
  compile_program userland/drain.c "$root/bin/drain"
  compile_program userland/try-syscall.c "$root/bin/try-syscall"
  ln -s sbin/init "$root/init" # where the kernel looks in an initramfs
  chmod -R u+w,go-w,a+rX "$root"
  settle_dates "$root"
}

make_rootfs() { # DONE WORK
  local image=$1/rootfs.ext4
  require mke2fs=e2fsprogs debugfs=e2fsprogs
  say "making rootfs.ext4"
  make_userland "$2/root" "$2"
  # No journal: the image is meant to be attached read-only. Identifiers and date are fixed: the same bytes each time.
  E2FSPROGS_FAKE_TIME=$image_date mke2fs -q -t ext4 -b 4096 -O '^has_journal,^resize_inode' -m 0 -L jvmm \
    -U 6a766d6d-0000-4000-8000-000000000001 \
    -E hash_seed=6a766d6d-0000-4000-8000-000000000002,root_owner=0:0,lazy_itable_init=0 \
    -d "$2/root" "$image" 32M >/dev/null
  # Everything belongs to root, whoever builds; and the dates that mke2fs does not take from its environment.
  (cd "$2/root" && find . -mindepth 1 -printf 'set_inode_field %P uid 0\nset_inode_field %P gid 0\nset_inode_field %P ctime 20240101000000\n') >"$2/owners"
  E2FSPROGS_FAKE_TIME=$image_date debugfs -w -f "$2/owners" "$image" >/dev/null 2>"$2/debugfs.log"
  chmod 444 "$image"
}

make_test_initrd() { # DONE WORK
  say "making the test initrd"
  make_userland "$2/root" "$2"
  pack_initrd "$2/root" "$1/initrd"
}

# One date for all files, so that the same inputs give the same image.
settle_dates() { # ROOT
  find "$1" -exec touch -h -d @$image_date {} +
}
image_date=1704067200 # 2024-01-01

# Not compressed: a guest unpacks it faster than it reads it.
pack_initrd() { # ROOT FILE
  require cpio=cpio
  settle_dates "$1"
  (cd "$1" && find . | LC_ALL=C sort |
    cpio --quiet --reproducible -o -H newc -R 0:0) >"$2"
}
