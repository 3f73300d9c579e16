# The small kernel, from Debian's kernel source and the fragments in kernel/config.d.

kernel_entry() {
  package_version linux-source-6.1
  kernel_version=$version
  cached kernel "$(hash_of "linux-source-6.1 $version" -- steps/kernel.sh kernel/config.d/*)" make_kernel
}

make_kernel() { # DONE WORK
  kernel_source "$2"
  kernel_config "$2"
  refuse_lost_options "$2"
  say "compiling the kernel on $(nproc) CPUs; on two it takes 4 to 5 minutes"
  compile_kernel "$2"
  cp "$2/vmlinux" "$2/out/arch/x86/boot/bzImage" "$1/"
  cp "$2/out/.config" "$1/config"
}

# Unpacks the source into WORK/src.
kernel_source() { # WORK
  require gcc=gcc make=make flex=flex bison=bison bc=bc xz=xz-utils lz4=lz4 \
    /usr/include/gelf.h=libelf-dev /usr/include/stdio.h=libc6-dev
  [ "$(df --output=avail -m "$1" | tail -1)" -ge 2000 ] || die "building the kernel needs 2 GB of free space in $cache"
  package_tree linux-source-6.1 "$kernel_version" "$1"
  say "unpacking the kernel source, 10 to 30 seconds"
  mkdir "$1/src"
  # Without the sources of whole subsystems that the configuration cannot reach; their Kconfig files stay.
  tar -xf "$tree/usr/src/linux-source-6.1.tar.xz" -C "$1/src" --strip-components=1 \
    --exclude='*/drivers/gpu/drm/*.[ch]' --exclude='linux-source-6.1/sound/*.[ch]' \
    --exclude='linux-source-6.1/arch/[!x]*/*.[chS]' --exclude='*.dts' --exclude='*.dtsi' \
    --exclude='*/Documentation/*.rst' --exclude='*/tools/testing/*'
}

kernel_make() { # WORK ARGUMENTS
  local work=$1
  shift
  # Fixed names and date: the same inputs give the same kernel.
  make -s -C "$work/src" O="$work/out" ARCH=x86_64 KBUILD_BUILD_USER=jvmm KBUILD_BUILD_HOST=jvmm \
    KBUILD_BUILD_TIMESTAMP='2024-01-01' KBUILD_BUILD_VERSION=1 "$@" >&2
}

# Writes WORK/out/.config from the fragments (and further ones, whose options win).
kernel_config() { # WORK FRAGMENT...
  mkdir -p "$1/out"
  cat kernel/config.d/*.config "${@:2}" >"$1/requested"
  KCONFIG_ALLCONFIG=$1/requested kernel_make "$1" allnoconfig
}

# A requested option that was dropped, or one that must stay off and is on, ends the build.
refuse_lost_options() { # WORK
  local line name lost=()
  while read -r line; do
    case $line in
      CONFIG_*=*) grep -qxF -- "$line" "$1/out/.config" || lost+=("$line") ;;
      '# CONFIG_'*' is not set')
        name=${line#\# } name=${name%% *}
        ! grep -q "^$name=" "$1/out/.config" || lost+=("$line")
        ;;
    esac
  done <"$1/requested"
  [ ${#lost[@]} -eq 0 ] || die "the kernel's configuration did not take ${lost[*]}: a dependency is missing in kernel/config.d"
}

compile_kernel() { # WORK: makes WORK/vmlinux and WORK/out/arch/x86/boot/bzImage
  # One job more than CPUs hides the waits for files. Warnings about Debian's source are not ours, and cost 4 % of the time.
  kernel_make "$1" -j$(($(nproc) + 1)) KCFLAGS=-w vmlinux bzImage
  # Loaded segment by segment: symbols would only be read past. Segments keep their page alignment in the file.
  strip -s -o "$1/vmlinux" "$1/out/vmlinux"
}
