# A root file system with what people run on a shared folder: Debian's own programs, installed as Debian installs them, with
# the guest's init. Tests boot from its image, or share its files and boot from those.

workload_packages='stress-ng fio dbench fsmark git xz-utils tcc libc6-dev make sqlite3 postgresql-15'

workloads_entry() {
  local package versions=''
  userland_inputs
  for package in $workload_packages; do
    package_version "$package"
    versions+=" $package $version"
  done
  cached workloads "$(hash_of "$inputs$versions" -- steps/workloads.sh)" make_workloads
}

make_workloads() { # DONE WORK
  local root=$2/workloads applet program
  require mmdebstrap=mmdebstrap mke2fs=e2fsprogs
  say 'installing Debian with programs to run on shared folders (about two minutes)'
  # shellcheck disable=SC2016
  mmdebstrap --quiet --variant=essential --include="${workload_packages// /,}" \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=*/libLLVM*' \
    --essential-hook='mkdir -p "$1/etc/postgresql-common"' \
    --essential-hook='echo create_main_cluster = false > "$1/etc/postgresql-common/createcluster.conf"' \
    bookworm "$root" >&2 || die 'mmdebstrap could not install Debian (as an ordinary user it needs user namespaces)'
  make_userland "$2/userland" "$2"
  cp "$2/userland/bin/busybox" "$2/userland/bin/drain" "$root/usr/bin/"
  cp "$2/userland/sbin/init" "$root/usr/sbin/"
  cp -r "$2/userland/etc/init.d/." "$root/etc/init.d/"
  cp -r "$2/userland/etc/inittab" "$2/userland/etc/acpi" "$root/etc/"
  for applet in $("$root/usr/bin/busybox" --list); do
    program=$(cd "$root/usr" && find bin sbin -name "$applet" -print -quit)
    [ -n "$program" ] || ln -s busybox "$root/usr/bin/$applet" # Debian's own goes first
  done
  mke2fs -q -t ext4 -b 4096 -O '^has_journal,^resize_inode' -m 0 -L workloads -d "$root" "$1/workloads.ext4" \
    "$(($(du -sm "$root" | cut -f 1) * 11 / 10 + 16))M" >/dev/null
}
