#!/usr/bin/env bash
# torch in a virtual environment of its own, outside the checkout. Prints its python; a second run does nothing else.
# Ends with 1, and the reason on stderr, where there is no fitting Python or the packages cannot be had.
set -euo pipefail
home="${XDG_CACHE_HOME:-$HOME/.cache}/complex-ntk/torch-2.13.0"
if [ ! -f "$home/done" ]; then
  # An environment that was made and only lacks its mark is taken as it is.
  if ! "$home/bin/python" -c 'import torch, numpy; assert torch.__version__.split("+")[0] == "2.13.0"' 2> /dev/null; then
    python=
    for candidate in python3 python3.13 python3.12 python3.11 python3.10; do
      if "$candidate" -c 'import sys, venv; sys.exit(not (3, 10) <= sys.version_info[:2])' 2> /dev/null; then python=$candidate; break; fi
    done
    [ -n "$python" ] || { echo "torch 2.13.0 needs Python 3.10 or newer with venv, and none was found" >&2; exit 1; }
    rm -rf "$home"
    "$python" -m venv "$home" >&2
    "$home/bin/python" -m pip install --quiet --disable-pip-version-check --no-input 'torch==2.13.0' numpy >&2
  fi
  touch "$home/done"
fi
echo "$home/bin/python"
