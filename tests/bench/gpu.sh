#!/usr/bin/env bash
# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
#
# On a machine with an NVIDIA GPU: builds the CUDA module for that GPU, checks every op against the reference (by NVIDIA's
# libraries where they are there, and by our kernels alone), looks for stray memory accesses and races, and measures
# pictures beside the processor's and beside diffusers', where Python has it.
#
#   tests/bench/gpu.sh OUT [MODEL [FOLDER]]      results go to the folder OUT
#
# Every op is checked in bfloat16 as well, which cards before Ampere skip.
#
# MODEL is an F16 SD 1.x file (tests/reference/make_full_size.py makes one of random numbers), FOLDER the same in diffusers'
# layout for the peers. Without MODEL only checks and the built-in model run. Needs what ./check needs and nothing else; no
# network. BUILD names another build folder; one that holds the programs already is used as it is with PREBUILT=1, which
# also serves where nothing can be built. BATCHES (1,4,8) says how many pictures are drawn at once where times are taken.
# racecheck takes minutes; CHECK_SECONDS bounds each check, SANITIZER_TOOLS (memcheck racecheck) says which of
# compute-sanitizer's run. Ends with 0 when all checks passed.
set -euo pipefail

out=$(readlink -m -- "${1:?usage: gpu.sh OUT [MODEL [FOLDER]]}")
model=${2-} folder=${3-}
here=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
root=$(readlink -f -- "$here/../..")
build=${BUILD-$root/build-gpu}
mkdir -p "$out"

nvidia-smi --query-gpu=name,driver_version,memory.total,compute_cap --format=csv | tee "$out/gpu.csv"
if [ -z "${PREBUILT-}" ]; then
  cap=$(nvidia-smi --query-gpu=compute_cap --format=csv,noheader | head -n 1 | tr -d .)
  [ -f "$build/build.ninja" ] || meson setup "$build" "$root" --buildtype=release -Dcuda=enabled -Dui=disabled -Dgpu_archs="$cap"
  ninja -C "$build"
fi
parity=$build/tests/parity/parity
program=$build/mezzotint
export MEZZOTINT_DATA_DIR=${MEZZOTINT_DATA_DIR-$root/data}
"$program" devices
if LC_ALL=C "$program" devices | grep '^cuda' | grep -q 'not usable'; then
  echo "gpu.sh: the card cannot be used" >&2
  exit 1
fi

failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# check NAME LIBRARIES PROGRAM...: one run in the background, its output to a file of its own. A check that hangs fails.
pids=() names=()
check() {
  local name=$1 libraries=$2
  shift 2
  MEZZOTINT_CUDA_LIBRARIES=$libraries timeout "${CHECK_SECONDS-300}" "$@" >"$work/$name.tap" 2>&1 &
  pids+=($!) names+=("$name")
}

echo "== parity, by libraries and by our kernels alone"
for op in conv2d linear attention group_norm layer_norm transfer embed copy; do
  check "$op" '' "$parity" --backend cuda --report --op "$op"
  check "$op-own" none "$parity" --backend cuda --report --op "$op"
  check "$op-bf16" '' "$parity" --backend cuda --wider --report --op "$op"
  check "$op-bf16-own" none "$parity" --backend cuda --wider --report --op "$op"
done
for op in conv2d linear; do
  check "$op-group" none env MEZZOTINT_CUDA_PRODUCT=own-group "$parity" --backend cuda --report --op "$op"
  check "$op-half-sums" '' "$parity" --backend cuda --half-sums --report --op "$op"
  check "$op-half-sums-own" none env MEZZOTINT_CUDA_PRODUCT=own-half "$parity" --backend cuda --half-sums --report --op "$op"
done
if command -v compute-sanitizer >/dev/null; then
  for tool in ${SANITIZER_TOOLS-memcheck racecheck}; do
    check "$tool" none compute-sanitizer --tool "$tool" --error-exitcode 9 "$parity" --backend cuda --small
    check "$tool-group" none env MEZZOTINT_CUDA_PRODUCT=own-group compute-sanitizer --tool "$tool" --error-exitcode 9 \
      "$parity" --backend cuda --small --op conv2d
  done
else
  echo "compute-sanitizer is not there: stray accesses and races are not looked for"
fi
for i in "${!pids[@]}"; do
  status=0
  wait "${pids[i]}" || status=$?
  case $status in
    0) echo "${names[i]}: passed" ;;
    124) echo "${names[i]}: not done after ${CHECK_SECONDS-300} s"
      failed=1 ;;
    *) echo "${names[i]}: failed ($status)"
      failed=1 ;;
  esac
done
cat "$work"/*.tap >"$out/parity.tap"
grep -A 1 '^not ok' "$out/parity.tap" || true
grep -h 'ERROR SUMMARY\|RACECHECK SUMMARY' "$out/parity.tap" || true
echo "$(grep -c '^ok' "$out/parity.tap") passed, $(grep -c '^not ok' "$out/parity.tap" || true) failed"

echo "== the built-in model on the card and on the processor"
for backend in cuda cpu; do
  "$program" generate "a red apple" --backend "$backend" --seed 11 --json --output "$out/apple-$backend.png" |
    tee "$out/apple-$backend.jsonl" | tail -n 1
done
"$program" generate "a red apple" --backend cuda --seed 11 --output "$work/again.png" >/dev/null 2>&1
cmp "$out/apple-cuda.png" "$work/again.png" && echo "the same bytes on a second run" || failed=1
python3 "$here/psnr.py" "$out/apple-cpu.png" "$out/apple-cuda.png" || failed=1
# variant NAME OPTIONS...: the same picture another way, and how far it is from the processor's
variant() {
  local name=$1
  shift
  mkdir -p "$work/$name"
  "$program" generate "a red apple" --backend cuda --seed 11 --output "$work/$name/" "$@" >/dev/null
  echo "$name: $(python3 "$here/psnr.py" "$out/apple-cpu.png" "$work/$name/mezzotint-11.png")" || failed=1
}
variant "sums in halves, where that is faster" --half-sums
MEZZOTINT_CUDA_PRODUCT=own-half variant "sums in halves" --half-sums
variant "two at once" --count 2 --at-once 2

if [ -n "$model" ]; then
  echo "== a card with little memory"
  for limit in '' 1G; do
    "$program" generate "a red apple" --backend cuda --model "$model" --size 512x512 --steps 4 --seed 11 \
      ${limit:+--vram-limit "$limit"} --json --output "$work/limit$limit.png" | grep -E '"event":"(memory|picture)"' || failed=1
  done
  python3 "$here/psnr.py" "$work/limit.png" "$work/limit1G.png" || failed=1
  echo "== cancel"
  MEZZOTINT_BACKEND=cuda python3 "$here/cancel.py" --mezzotint "$program" --model "$model" --size 512 --times 3 || failed=1
  echo "== speed"
  peers=$folder
  python3 -c 'import torch, diffusers' 2>/dev/null || peers=
  python3 "$here/gpu_table.py" "$out" "$program" "$model" ${peers:+"$peers"} | tee "$out/table.md"
  echo "== where the time of a step goes"
  python3 "$here/gpu_timeline.py" "$out" "$program" "$model" >"$out/timeline.md" || echo "no timeline: CUPTI is not there"
  rm -f "$out/timeline.png"
  echo "== speed without NVIDIA's libraries"
  mv "$out/gpu.json" "$work/gpu.json"
  MEZZOTINT_CUDA_LIBRARIES=none python3 "$here/gpu_table.py" "$out" "$program" "$model" | tee "$out/table-own.md"
  mv "$out/gpu.json" "$out/gpu-own.json"
  mv "$work/gpu.json" "$out/gpu.json"
  rm -f "$out"/ours*.png
fi
exit "$failed"
