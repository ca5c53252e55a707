#!/usr/bin/env bash
# neural-tangents in a virtual environment of its own, outside the checkout. Prints its python; a second run does nothing else.
# Ends with 1, and the reason on stderr, where there is no fitting Python or the packages cannot be had.
set -euo pipefail
home="${XDG_CACHE_HOME:-$HOME/.cache}/complex-ntk/neural-tangents-0.6.5-jax-0.4.23"
if [ ! -f "$home/done" ]; then
  python=
  for candidate in python3 python3.12 python3.11 python3.10 python3.9; do
    if "$candidate" -c 'import sys, venv; sys.exit(not (3, 9) <= sys.version_info[:2] <= (3, 12))' 2> /dev/null; then python=$candidate; break; fi
  done
  [ -n "$python" ] || { echo "jaxlib 0.4.23 needs Python 3.9 to 3.12 with venv, and none was found" >&2; exit 1; }
  rm -rf "$home"
  "$python" -m venv "$home" >&2
  pip() { "$home/bin/python" -m pip install --quiet --disable-pip-version-check --no-input "$@" >&2; }
  pip 'jax==0.4.23' 'jaxlib==0.4.23' 'numpy<2' 'scipy<1.13' 'frozendict>=2.3.8'
  # Its two other requirements, tensorflow and tf2jax, serve an experimental part that no kernel of stax uses.
  pip --no-deps 'neural-tangents==0.6.5'
  touch "$home/done"
fi
echo "$home/bin/python"
