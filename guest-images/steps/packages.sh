# Debian packages: their versions, their files without installing them, and the tools that must be installed.

# Sets `version` to the version of a package: the installed one, else the one apt would install. Asking apt takes a third
# of a second, so its answers are kept until dpkg or apt have news.
package_version() { # PACKAGE
  local answers=$cache/versions line
  version=$(dpkg-query -W -f '${Status} ${Version}' "$1" 2>/dev/null || true)
  case $version in
    'install ok installed '*) version=${version##* }; return ;;
  esac
  if [ "$answers" -nt /var/lib/dpkg/status ] && [ "$answers" -nt /var/lib/apt/lists ]; then
    while read -r line version; do
      [ "$line" != "$1" ] || return 0
    done <"$answers"
  else
    mkdir -p "$cache"
    : >"$answers"
  fi
  version=$(apt_candidate "$1")
  if [ -z "$version" ] && [ "$(id -u)" = 0 ]; then
    say "apt does not know $1: updating its lists"
    apt-get -qq update >&2
    version=$(apt_candidate "$1")
  fi
  [ -n "$version" ] || die "apt does not know the package $1; run 'apt-get update' as root (sources of Debian 12 are needed)"
  printf '%s %s\n' "$1" "$version" >>"$answers"
}

apt_candidate() { # PACKAGE
  apt-cache show --no-all-versions "$1" 2>/dev/null | sed -n 's/^Version: //p'
}

# Sets `tree` to a folder that holds a package's files: the system's root when it is installed, else the package
# unpacked under WORK.
package_tree() { # PACKAGE VERSION WORK
  tree=/
  [ "$(dpkg-query -W -f '${Status} ${Version}' "$1" 2>/dev/null || true)" != "install ok installed $2" ] || return 0
  tree=$3/$1
  mkdir -p "$tree"
  say "downloading $1 $2"
  # apt warns that its own user cannot write here; it is right and it does not matter.
  (cd "$3" && apt-get -q -o APT::Sandbox::User=root download "$1=$2" >/dev/null) ||
    die "cannot download $1 $2; is a Debian mirror reachable, are its lists fresh ('apt-get update')?"
  dpkg -x "$3/$1"_*.deb "$tree"
  rm "$3/$1"_*.deb
}

# Makes sure that commands and files of packages are there: installs the packages as root, else says which to install.
require() { # COMMAND-OR-FILE=PACKAGE...
  local missing=() pair
  for pair in "$@"; do
    case $pair in
      /*) [ -e "${pair%%=*}" ] || missing+=("${pair#*=}") ;;
      *) command -v "${pair%%=*}" >/dev/null || missing+=("${pair#*=}") ;;
    esac
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  [ "$(id -u)" = 0 ] || die "missing packages; run as root: apt-get install ${missing[*]}"
  say "installing ${missing[*]}"
  install_packages "${missing[@]}" || { apt-get -qq update >&2 && install_packages "${missing[@]}"; } ||
    die "apt could not install ${missing[*]}"
}

install_packages() { # PACKAGE...
  DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install "$@" >&2
}
