#!/usr/bin/env bash
# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
#
# On a machine with an NVIDIA GPU and nvcc: builds the CUDA module for that GPU, checks every op against the reference, looks
# for stray memory accesses, and times a picture beside the processor and beside diffusers, where Python has it.
#
#   tests/bench/gpu.sh OUT [MODEL]      results go to the folder OUT; MODEL: an F16 SD 1.x file, or Proof when left out
#
# Needs what ./check needs and nothing else; no network. Ends with 0 when all checks passed.
set -euo pipefail

out=$(readlink -f -- "${1:?usage: gpu.sh OUT [MODEL]}")
model=${2-}
root=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../..
build=${BUILD-$root/build-gpu}
mkdir -p "$out"

nvidia-smi --query-gpu=name,driver_version,memory.total,compute_cap --format=csv | tee "$out/gpu.csv"
cap=$(nvidia-smi --query-gpu=compute_cap --format=csv,noheader | head -n 1 | tr -d .)
[ -f "$build/build.ninja" ] || meson setup "$build" "$root" --buildtype=release -Dcuda=enabled -Dui=disabled -Dgpu_archs="$cap"
ninja -C "$build"

echo "== parity"
failed=0
"$build/tests/parity/parity" --backend cuda --report >"$out/parity.tap" || failed=1
grep -E '^(not ok|# worst)' "$out/parity.tap" | sort -k3 -g | tail -n 5
echo "$(grep -c '^ok' "$out/parity.tap") passed, $(grep -c '^not ok' "$out/parity.tap" || true) failed"

if command -v compute-sanitizer >/dev/null; then
  for tool in memcheck racecheck; do
    echo "== $tool"
    compute-sanitizer --tool "$tool" --error-exitcode 9 "$build/tests/parity/parity" --backend cuda --small \
      >"$out/$tool.log" 2>&1 || failed=1
    tail -n 1 "$out/$tool.log"
  done
fi

echo "== each op"
"$build/tests/parity/parity" --backend cuda --bench | tee "$out/ops.txt"

echo "== a picture"
for backend in cuda cpu; do
  "$build/mezzotint" generate "a red apple" ${model:+--model "$model"} --backend "$backend" --steps 20 --seed 11 --json \
    --output "$out/apple-$backend.png" | tee "$out/generate-$backend.jsonl" | tail -n 2
done

exit "$failed"
