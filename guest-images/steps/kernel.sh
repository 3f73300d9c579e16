# The small kernel, from Debian's kernel source and the fragments in kernel/config.d.

kernel_entry() {
  package_version linux-source-6.1
  kernel_version=$version
  cached kernel "$(hash_of "linux-source-6.1 $version" -- steps/kernel.sh kernel/config.d/*)" make_kernel
}

make_kernel() { # DONE WORK
  require gcc=gcc make=make flex=flex bison=bison bc=bc xz=xz-utils lz4=lz4 cpio=cpio \
    /usr/include/gelf.h=libelf-dev /usr/include/stdio.h=libc6-dev
  [ "$(df --output=avail -m "$2" | tail -1)" -ge 2000 ] || die "building the kernel needs 2 GB of free space in $cache"
  package_tree linux-source-6.1 "$kernel_version" "$2"
  say "unpacking the kernel source, 10 to 30 seconds"
  # Sources of whole subsystems that the configuration cannot reach; their Kconfig files stay.
  mkdir "$2/src"
  tar -xf "$tree/usr/src/linux-source-6.1.tar.xz" -C "$2/src" --strip-components=1 \
    --exclude='*/drivers/gpu/drm/*.[ch]' --exclude='linux-source-6.1/sound/*.[ch]' \
    --exclude='linux-source-6.1/arch/[!x]*/*.[chS]' --exclude='*/Documentation/*.rst' --exclude='*/tools/testing/*' \
    --exclude='*.dts' --exclude='*.dtsi'
  kernel_config "$2"
  say "compiling the kernel on $(nproc) CPUs, 4 to 5 minutes on two"
  kernel_make "$2" -j"$(nproc)" vmlinux bzImage
  # Loaded segment by segment: symbols would only be read past. Segments keep their 2 MiB alignment in the file.
  strip -s -o "$1/vmlinux" "$2/out/vmlinux"
  cp "$2/out/arch/x86/boot/bzImage" "$2/out/.config" "$1/"
  mv "$1/.config" "$1/config"
}

kernel_make() { # WORK ARGUMENTS
  local work=$1
  shift
  # Fixed names and date: the same inputs give the same kernel.
  make -s -C "$work/src" O="$work/out" ARCH=x86_64 KBUILD_BUILD_USER=jvmm KBUILD_BUILD_HOST=jvmm \
    KBUILD_BUILD_TIMESTAMP='2024-01-01' KBUILD_BUILD_VERSION=1 "$@" >&2
}

# Writes out/.config, and refuses it if one requested option was dropped or one that must be off is on.
kernel_config() { # WORK
  local line name lost=()
  mkdir -p "$1/out"
  cat "$here"/kernel/config.d/*.config >"$1/requested"
  KCONFIG_ALLCONFIG=$1/requested kernel_make "$1" allnoconfig
  while read -r line; do
    case $line in
      CONFIG_*=*) grep -qxF -- "$line" "$1/out/.config" || lost+=("$line") ;;
      '# CONFIG_'*' is not set')
        name=${line#\# } name=${name%% *}
        ! grep -q "^$name=" "$1/out/.config" || lost+=("$line")
        ;;
    esac
  done <"$1/requested"
  [ ${#lost[@]} -eq 0 ] || die "the kernel's configuration did not take: ${lost[*]} (a dependency is missing in kernel/config.d)"
}
