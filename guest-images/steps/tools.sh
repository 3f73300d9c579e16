# Programs that tests and benchmarks run in a guest: Debian's own, with their shared libraries, and those of tools/, in a
# read-only image. The latter lie beside it too, for the host's side of a test.

tool_packages='fio e2fsprogs iperf3 socat'
tool_programs='/usr/bin/fio /sbin/mke2fs /sbin/e2fsck /usr/bin/iperf3 /usr/bin/socat'

tools_entry() {
  local package program versions=''
  require fio=fio mke2fs=e2fsprogs iperf3=iperf3 socat=socat ldd=libc-bin gcc=gcc
  for package in $tool_packages libc6; do
    package_version "$package"
    versions+=" $package $version"
  done
  # Libraries are updated on their own, so what they are counts, not the package's version alone.
  for program in $tool_programs; do versions+=" $(libraries "$program" | xargs sha256sum | sha256sum)"; done
  cached tools "$(hash_of "$versions" -- steps/tools.sh tools/*.c tools/posix/*)" make_tools
}

# What a program is linked with, its loader included.
libraries() { # PROGRAM
  ldd "$1" | sed -n 's/.*=> \(\/[^ ]*\) .*/\1/p; s/^[[:space:]]*\(\/[^ ]*\) .*/\1/p' | sort -u
}

make_tools() { # DONE WORK
  local program library name sources root=$2/root
  say "making tools.ext4"
  mkdir -p "$root/lib" "$root/programs"
  for program in $tool_programs; do
    name=${program##*/}
    cp "$program" "$root/programs/"
    for library in $(libraries "$program"); do cp -L "$library" "$root/lib/"; done
    # Wherever the image is mounted, a program finds its own libraries.
    # shellcheck disable=SC2016
    printf '#!/bin/sh\nhere=${0%%/*}\nexec "$here/lib/ld-linux-x86-64.so.2" --library-path "$here/lib" "$here/programs/%s" "$@"\n' \
      "$name" >"$root/$name"
    chmod 755 "$root/$name"
  done
  for name in talk names posix; do
    sources=tools/$name.c
    [ ! -d "tools/$name" ] || sources=$(echo "tools/$name"/*.c)
    # shellcheck disable=SC2086
    gcc -O2 -Wall -Wextra -Werror -static -s -Wl,--build-id=none -o "$1/$name" $sources
    cp "$1/$name" "$root/"
  done
  settle_dates "$root"
  mke2fs -q -t ext4 -b 4096 -O '^has_journal,^resize_inode' -m 0 -L tools -d "$root" "$1/tools.ext4" \
    "$(($(du -sm "$root" | cut -f 1) * 11 / 10 + 8))M" >/dev/null
}
