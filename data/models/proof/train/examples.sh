#!/usr/bin/env bash
# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Draws the pictures that the program shows as examples of the model, with the model's own settings, from the seeds and
# prompts in examples.txt:
#   data/models/proof/train/examples.sh MEZZOTINT
# Those of the README are the same.
set -euo pipefail

here=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
program=$(readlink -f -- "${1:?usage: examples.sh MEZZOTINT}")
model=$here/..
export MEZZOTINT_DATA_DIR=$model/../..
rm -rf "$model/examples"
mkdir -p "$model/examples"
i=1
while read -r seed prompt; do
  "$program" generate "$prompt" --seed "$seed" --backend cpu --quiet --output "$model/examples/$(printf %02d "$i").png" </dev/null
  i=$((i + 1))
done <"$here/examples.txt"
