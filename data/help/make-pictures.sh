#!/usr/bin/env bash
# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Makes the help's pictures in C/figures/ with the program and its built-in model, all of them from fixed seeds:
#   data/help/make-pictures.sh [BUILD]
# Needs ImageMagick. Run it again when Proof is another one; a few hundred pictures, some minutes.
set -euo pipefail

folder=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
root=$folder/../..
build=$(readlink -f -- "${1-$root/build}")
figures=$folder/C/figures
run=$(mktemp -d)
trap 'rm -rf "$run"' EXIT
export LC_ALL=C.UTF-8
font=$(fc-match -f '%{file}' sans)
ninja -C "$build" mezzotint tests/bench/make-help-figures >&2
cp "$build/mezzotint" "$run/mezzotint"
export LD_LIBRARY_PATH=$build/engine MEZZOTINT_DATA_DIR=$root/data

# draw NAME OPTION... PROMPT: one picture.
draw() {
  local name=$1
  shift
  "$run/mezzotint" generate --quiet --output "$run/$name.png" "$@"
}

# sheet NAME COLUMNS (FILE LABEL)...: pictures in rows with words below them.
sheet() {
  local name=$1 columns=$2
  local -a tiles=()
  shift 2
  while [ $# -gt 0 ]; do
    tiles+=('(' "$run/$1" -resize 128x128 -set label "$2" ')')
    shift 2
  done
  montage "${tiles[@]}" -tile "${columns}x" -geometry 128x128+5+3 -background white -fill '#303030' -font "$font" \
    -pointsize 13 -strip -quality 84 "$figures/$name.webp"
  echo "$name.webp" >&2
}

# compare NAME OPTION VALUES PROMPT MORE...: one option at several values, everything else the same.
compare() {
  local name=$1 option=$2 values=$3 prompt=$4 value
  local -a cells=()
  shift 4
  for value in $values; do
    draw "$name-$value" --seed 4 "$@" "--$option" "$value" "$prompt"
    cells+=("$name-$value.png" "$value")
  done
  sheet "$name" "$((${#cells[@]} / 2))" "${cells[@]}"
}

draw first --seed 1 "a red apple"
sheet first 1 first.png "a red apple"
draw other-1 --seed 2 "a frog"
draw other-2 --seed 2 "a frog on a yellow background"
draw other-3 --seed 2 "a frog on a yellow background, flat style"
sheet prompt 3 other-1.png "a frog" other-2.png "… on a yellow …" other-3.png "… , flat style"
draw negative-1 --seed 5 --guidance 4 "a heart"
draw negative-2 --seed 5 --guidance 4 --negative "red heart, pink heart" "a heart"
sheet negative 2 negative-1.png "without" negative-2.png "red and pink out"
draw weights-1 --seed 3 "a (blue:0.3) heart"
draw weights-2 --seed 3 "a blue heart"
draw weights-3 --seed 3 "a (blue:1.7) heart"
sheet weights 3 weights-1.png "(blue:0.3)" weights-2.png "blue" weights-3.png "(blue:1.7)"
compare seed seed "1 2 3 4" "a house"
compare steps steps "1 3 6 12 25 50" "a strawberry" --sampler euler
compare guidance guidance "1 2 3 5 9" "a panda"
compare rescale guidance-rescale "0 0.5 1" "a sunflower" --guidance 8
compare eta eta "0 0.5 1" "a butterfly" --sampler euler_a
compare variation variation-strength "0 0.25 0.5 0.75 1" "a butterfly" --variation-seed 2 --sampler euler
draw size-1 --seed 6 --size 128x128 "a rocket"
draw size-2 --seed 6 --size 192x128 "a rocket"
draw size-3 --seed 6 --size 128x192 "a rocket"
montage -font "$font" -geometry '+6+6' -background white -gravity south "$run"/size-{1,2,3}.png -tile 3x -strip -quality 84 \
  "$figures/size.webp"

# Each sampler at its own steps and schedule, each schedule with Euler and ten steps.
cells=()
while read -r id; do
  small=()
  case $id in *cfgpp) small=(--guidance 1) ;; esac
  draw "sampler-$id" --seed 4 --sampler "$id" "${small[@]}" "a frog"
  cells+=("sampler-$id.png" "$id")
done < <("$run/mezzotint" generate --list-samplers | awk '{print $1}')
sheet samplers 5 "${cells[@]}"
cells=()
while read -r id; do
  draw "schedule-$id" --seed 4 --sampler euler --steps 10 --schedule "$id" "a frog"
  cells+=("schedule-$id.png" "$id")
done < <("$run/mezzotint" generate --list-schedules | awk '{print $1}')
sheet schedules 5 "${cells[@]}"

# From the inside: the noisy and the predicted picture of a run, a latent's channels, the levels of the schedules.
"$build/tests/bench/make-help-figures" "$root/data/models/proof" "a red apple" 1 "$run" >"$run/levels"
cells=()
for step in 01 05 09 13 17 20; do cells+=("state-$step.ppm" "step ${step#0}"); done
for step in 01 05 09 13 17 20; do cells+=("clean-$step.ppm" "predicted"); done
sheet steps-inside 6 "${cells[@]}"
cells=()
for channel in 00 01 02 03; do
  convert "$run/latent-$channel.pgm" -filter point -resize 128x128 "$run/latent-$channel.png"
  cells+=("latent-$channel.png" "channel $((10#$channel + 1))")
done
sheet latent 5 clean-20.ppm "picture, 128 × 128" "${cells[@]}"
python3 "$folder/plot-levels.py" "$run/levels" "$figures/levels.svg"
"$run/mezzotint" evaluate --quiet --samples 2 --plot "$run/plot.png" --output "$run/numbers" "$run/first.png" \
  "$run/seed-1.png" "$run/seed-2.png"
convert "$run/plot.png" -resize 640x -strip -quality 84 "$figures/evaluate.webp"
du -sb "$figures" >&2
