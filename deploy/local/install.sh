#!/usr/bin/env bash
# Makes .venv with exactly what requirements.lock names; installs missing system packages where it may.
set -euo pipefail
cd "$(dirname "$0")/../.."

need() { # command, Debian package
  command -v "$1" >/dev/null && return
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "installing $2"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$2" >/dev/null
  else
    echo "missing: $1. Install it with: sudo apt-get install $2" >&2
    exit 1
  fi
}

python=""
for candidate in python3 python3.13 python3.12 python3.11; do
  if command -v "$candidate" >/dev/null && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    python=$candidate
    break
  fi
done
if [ -z "$python" ]; then
  echo "missing: Python 3.11 or newer. Install it with: sudo apt-get install python3.11 python3.11-venv" >&2
  exit 1
fi
need java openjdk-17-jre-headless
need mvn maven

"$python" -m venv .venv
.venv/bin/pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
.venv/bin/pip install -q --disable-pip-version-check --no-build-isolation --no-deps -e .
touch .venv/.installed
