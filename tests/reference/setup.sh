#!/bin/sh
# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Makes the Python environment that writes the golden data; nothing else needs it.
#
#   tests/reference/setup.sh FOLDER      a folder outside the repository, which is created
#   FOLDER/bin/python tests/reference/stage_goldens.py tests/golden
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
folder=$(realpath -m "${1:?usage: setup.sh FOLDER}")
case "$folder/" in
  "$root"/*) echo "setup.sh: $folder lies inside the repository; choose a folder outside" >&2; exit 2 ;;
esac
"${PYTHON:-python3}" -m venv "$folder"
"$folder/bin/pip" install --quiet --requirement "$here/requirements.txt"
"$folder/bin/python" -c 'import diffusers, torch, transformers
print("torch", torch.__version__, "diffusers", diffusers.__version__, "transformers", transformers.__version__)'
