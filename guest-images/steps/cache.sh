# The cache: finished folders named NAME-HASH, published by one rename, never changed afterwards.

cache=${XDG_CACHE_HOME:-$HOME/.cache}/jvmm/images
step=guest-images

say() { printf '%s: %s\n' "$step" "$*" >&2; }

die() { # MESSAGE [STATUS]
  say "$1"
  exit "${2:-1}"
}

# The hash of files of the project and of words (package versions).
hash_of() { # WORDS -- FILES
  local words=()
  while [ "$1" != -- ]; do words+=("$1"); shift; done
  shift
  # Contents and names alone count: the same checkout at another path finds the same entry.
  { printf '%s\n' "${words[@]}"; sha256sum -- "$@"; } | sha256sum | cut -c1-16
}

# Sets `entry` to the folder NAME-HASH, calling MAKE with an empty folder to fill first if it is missing.
cached() { # NAME HASH MAKE
  entry=$cache/$1-$2
  [ ! -d "$entry" ] || return 0
  mkdir -p "$cache"
  # A subshell: its exit, however it comes, drops the lock and the unfinished folder. (Never behind `||` or in an `if`:
  # bash then ignores `set -e` inside.)
  (
    exec 9>"$cache/$1.lock"
    if ! flock -n 9; then
      say "another build of $1 is under way, waiting for it"
      flock 9
    fi
    [ ! -d "$entry" ] || exit 0
    rm -rf "$cache/.making-$1-"* # left by a build that was killed: the lock says nobody is in there
    work=$(mktemp -d "$cache/.making-$1-XXXXXX")
    trap 'rm -rf "$work"' EXIT
    trap 'exit 143' TERM
    trap 'exit 130' INT
    trap 'exit 129' HUP
    mkdir "$work/done"
    "$3" "$work/done" "$work"
    chmod -R a+rX,a-w "$work/done"
    chmod u+w "$work/done" # a folder that is moved gets a new ..
    mv -T "$work/done" "$entry"
  )
}
