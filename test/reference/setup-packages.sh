#!/usr/bin/env bash
# The packages whose own models are compared, in a folder of their own outside the checkout: complextorch, torchcvnn and complexNN beside
# torch. Prints the folder; a second run does nothing else. Their source is in its site-packages, its python runs package_models.py.
# Ends with 1, and the reason on stderr, where there is no fitting Python or the packages cannot be had.
set -euo pipefail
home="${XDG_CACHE_HOME:-$HOME/.cache}/complex-ntk/packages-complextorch-2.1.1-torchcvnn-0.10.0-complexnn-0.5.1"
if [ ! -f "$home/done" ]; then
  # torch is taken from the environment of the benchmarks, which this leaves as it is.
  torch=$(bash "$(dirname "$0")/../../bench/setup-torch.sh")
  rm -rf "$home"
  "$torch" -m venv "$home" >&2
  found=$(echo "$home"/lib/python3*/site-packages)
  "$torch" -c 'import sysconfig; print(sysconfig.get_path("purelib"))' > "$found/torch.pth"
  pip=("$home/bin/python" -m pip install --quiet --disable-pip-version-check --no-input)
  "${pip[@]}" scipy >&2
  # Of what torchcvnn asks for beside, its models need nothing: data sets do.
  "${pip[@]}" --no-deps 'complextorch==2.1.1' 'torchcvnn==0.10.0' 'complexNN==0.5.1' >&2
  "$home/bin/python" -c 'import complextorch.models, torchcvnn.models, complexNN.nn' >&2
  touch "$home/done"
fi
echo "$home"
