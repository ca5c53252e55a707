#!/usr/bin/env bash
# The peers of the benchmarks, in a virtual environment outside the checkout. Prints its python. A second run does nothing.
set -euo pipefail
home="${XDG_CACHE_HOME:-$HOME/.cache}/complex-ntk/bench-jax-0.4.30-nt-0.6.5"
if [ ! -f "$home/done" ]; then
  python3 -m venv "$home" >&2
  "$home/bin/pip" install --quiet 'jax==0.4.30' 'jaxlib==0.4.30' 'numpy<2' 'scipy<1.14' 'neural-tangents==0.6.5' >&2
  touch "$home/done"
fi
echo "$home/bin/python"
