# Debian's own cloud kernel, unmodified, and an initramfs with our user land and that kernel's modules.

debian_package() { # sets `debian_kernel` (the versioned package) and `version`
  package_version linux-image-cloud-amd64
  local meta_version=$version answer=$cache/debian-kernel-$version
  if [ ! -s "$answer" ]; then
    mkdir -p "$cache"
    apt-cache show "linux-image-cloud-amd64=$meta_version" | sed -n 's/^Depends: \([^ ,]*\).*/\1/p' >"$answer.$$"
    mv "$answer.$$" "$answer"
  fi
  read -r debian_kernel <"$answer" || die "apt does not say which kernel linux-image-cloud-amd64 $meta_version is"
  package_version "$debian_kernel"
}

debian_entry() {
  debian_package
  debian_version=$version
  cached debian-kernel "$(hash_of "$debian_kernel $version" -- steps/debian.sh)" make_debian
  debian_tree=$entry
}

make_debian() { # DONE WORK
  package_tree "$debian_kernel" "$debian_version" "$2"
  cp "$tree"/boot/vmlinuz-"${debian_kernel#linux-image-}" "$1/vmlinuz"
  mkdir "$1/modules"
  cp -r "$tree/lib/modules/${debian_kernel#linux-image-}" "$1/modules/"
}

# What our user land needs of that kernel: disk, network, file system, power button, and the panic device where there is one.
debian_modules='virtio_mmio virtio_pci virtio_blk ext4 virtio_net vmw_vsock_virtio_transport virtio_rng evdev button pvpanic-mmio'

debian_initrd_entry() {
  debian_entry
  userland_inputs
  cached debian-initrd "$(hash_of "$inputs" "$debian_version" -- steps/userland.sh steps/debian.sh)" make_debian_initrd
}

make_debian_initrd() { # DONE WORK
  local release=${debian_kernel#linux-image-} kernel=$2/kernel module file
  require depmod=kmod modprobe=kmod
  say "making the Debian kernel's initrd"
  make_userland "$2/root" "$2"
  mkdir -p "$kernel/lib"
  cp -r "$debian_tree/modules" "$kernel/lib/"
  depmod -b "$kernel" "$release"
  for module in $debian_modules; do
    # Dependencies come before what needs them; a module that is built into the kernel is no insmod line.
    modprobe -d "$kernel" -S "$release" --show-depends "$module" 2>/dev/null || say "$module is not in $release"
  done | sed -n 's/^insmod \([^ ]*\).*/\1/p' | awk '!seen[$0]++' | while read -r file; do
    cp "$file" "$2/root/lib/modules/"
    basename "$file"
  done >"$2/root/etc/modules"
  pack_initrd "$2/root" "$1/initrd"
}
