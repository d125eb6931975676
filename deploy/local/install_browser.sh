#!/usr/bin/env bash
# What the tests of the browser pixel need beside .venv: a browser, its driver, Node and its tools.
set -euo pipefail
cd "$(dirname "$0")/../.."
source deploy/local/packages.sh

browser_is_there() { command -v chromium || command -v chromium-browser || command -v google-chrome; }

need Chromium browser_is_there chromium chromium-browser
need "Chromium's driver" "command -v chromedriver" chromium-driver chromium-chromedriver
need "Node 18 or newer" "node -e 'process.exit(parseInt(process.versions.node) >= 18 ? 0 : 1)'" nodejs
need npm "command -v npm" npm

npm ci --prefix processors/gateway/pixel --no-audit --no-fund --loglevel=error
touch processors/gateway/pixel/node_modules/.installed
