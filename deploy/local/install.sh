#!/usr/bin/env bash
# Makes .venv with exactly what requirements.lock names; installs missing system packages where it may.
set -euo pipefail
cd "$(dirname "$0")/../.."

source deploy/local/packages.sh

find_python() {
  local candidate
  for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
    if command -v "$candidate" >/dev/null && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
      python=$candidate
      return
    fi
  done
  return 1
}

java_is_new_enough() { # 17 or newer; "1.8.0" is 8
  java -version 2>&1 | grep -qE 'version "(1[7-9]|[2-9][0-9])'
}

python=""
need "Python 3.11 or newer" find_python python3 python3.12 python3.11
find_python
need "Python's venv module" "$python -c 'import ensurepip, venv'" "$(basename "$(readlink -f "$(command -v "$python")")")-venv" python3-venv
if [ -z "${KAFKA_BOOTSTRAP_SERVERS:-}" ]; then # else a broker is there already
  need "Java 17 or newer" java_is_new_enough openjdk-17-jre-headless openjdk-21-jre-headless
  need Maven "command -v mvn" maven
fi

"$python" -m venv .venv
.venv/bin/pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
.venv/bin/pip install -q --disable-pip-version-check --no-build-isolation --no-deps -e .
touch .venv/.installed
