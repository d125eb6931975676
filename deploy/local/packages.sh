# For the installers: a program that is missing is installed by apt where that is possible, else named.

root_with_apt() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

apt_install() { DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@" >/dev/null; }

need() { # what it is for, check, Debian packages of which the first that exists is taken
  local name=$1 check=$2 package
  shift 2
  eval "$check" >/dev/null 2>&1 && return
  if root_with_apt; then
    apt-get update -qq
    for package in "$@"; do
      echo "installing $package"
      if apt_install "$package" && eval "$check" >/dev/null 2>&1; then return; fi
    done
  fi
  echo "missing: $name. Install it with: sudo apt-get install $1" >&2
  exit 1
}
