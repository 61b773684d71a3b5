#!/usr/bin/env bash
# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Damaged and hostile model files and pictures end in one sentence, exit code 3, and nothing written.
# shellcheck source=tests/faults/lib.sh
. "$(dirname "$0")/lib.sh"

good=$GOLDEN/tiny-ldm.safetensors
bad=$work/bad.safetensors

# bad_model NAME WORDS: both commands that read models refuse $bad.
bad_model() {
  refuses "inspect: $1" 3 "$2" inspect "$bad"
  refuses "generate: $1" 3 "$2" generate 'a cat' --model "$bad" --steps 1
}

# safetensors HEADER DATA-BYTES: writes $bad with that header and so many zero bytes.
safetensors() {
  local n=${#1} hex
  printf -v hex '%016x' "$n"
  {
    for i in 7 6 5 4 3 2 1 0; do printf "%b" "\\x${hex:i*2:2}"; done
    printf '%s' "$1"
    head -c "$2" /dev/zero
  } >"$bad"
}

refuses 'model that is not there' 3 '/nonexistent' generate 'a cat' --model /nonexistent
refuses 'inspect: model that is not there' 3 '/nonexistent' inspect /nonexistent
refuses 'inspect without a file' 2 'takes one' inspect
MEZZOTINT_DATA_DIR=/nonexistent refuses 'built-in model that is not there' 3 '' generate 'a cat'

size=$(stat -c %s "$good")
for n in 0 4 8 100 $((size / 2)) $((size - 1)); do
  head -c "$n" "$good" >"$bad"
  bad_model "cut at $n bytes" 'bad.safetensors'
done
{ cat "$good" && echo more; } >"$bad"
bad_model 'longer than its tensors' 'bad.safetensors'

printf '\xff\xff\xff\xff\xff\xff\xff\x7f{}' >"$bad"
bad_model 'header of 2^63 bytes' 'bad.safetensors'
safetensors 'not json at all' 16
bad_model 'header that is no JSON' 'bad.safetensors'
safetensors '{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},"b":{"dtype":"F32","shape":[4],"data_offsets":[8,24]}}' 24
bad_model 'overlapping tensors' 'bad.safetensors'
safetensors '{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,15]}}' 15
bad_model 'tensor of another length than its shape' 'bad.safetensors'
safetensors '{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}' 16
bad_model 'name twice' 'bad.safetensors'
safetensors '{"a":{"dtype":"F32","shape":[4294967296,4294967296,4294967296],"data_offsets":[0,16]}}' 16
bad_model 'shape that overflows' 'bad.safetensors'
safetensors '{"a":{"dtype":"F32","shape":[4],"data_offsets":[16,0]}}' 16
bad_model 'offsets backwards' 'bad.safetensors'
safetensors '{"model.layers.0.weight":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}' 16
bad_model 'model of another family' 'bad.safetensors'
head -c 4096 /dev/urandom >"$bad"
bad_model 'noise' 'bad.safetensors'
mkdir "$work/empty.safetensors"
bad=$work/empty.safetensors
bad_model 'empty folder' 'empty.safetensors'
bad=$work/bad.safetensors

# A folder whose U-Net holds nothing but NaN (float16 and float32 alike read 0xff... as one), then one that is cut short,
# then none.
cp -r "$model" "$work/folder"
chmod -R u+w "$work/folder"
unet=$(find "$work/folder/unet" -name '*.safetensors' | sort | head -n 1)
size=$(stat -c %s "$unet")
header=$(od -An -t u8 -N 8 "$unet" | tr -d ' ')
{ head -c $((header + 8)) "$unet" && head -c $((size - header - 8)) /dev/zero | tr '\0' '\377'; } >"$work/nan"
cp "$work/nan" "$unet"
refuses 'weights that are NaN' 3 'NaN' generate 'a cat' --model "$work/folder" --steps 1
truncate -s 1000 "$unet"
refuses 'folder with a cut file' 3 'unet' generate 'a cat' --model "$work/folder"
rm "$unet"
refuses 'folder without its weights' 3 'unet' generate 'a cat' --model "$work/folder"

# Pictures to take settings from.
works 'a picture to damage' generate 'a cat' --model "$model" --steps 1 --output "$work/good.png"
from() { # NAME WORDS
  refuses "$1" 3 "$2" generate --model "$model" --from "$work/bad.png"
}
from 'picture that is not there' 'cannot be read'
cp "$good" "$work/bad.png"
from 'picture that is no PNG' 'is not a PNG'
head -c 50 "$work/good.png" >"$work/bad.png"
from 'picture cut short' 'damaged'
works 'a preview, which has no settings' generate 'a cat' --model "$model" --steps 1 --preview-every 1 --output "$work/p.png"
cp "$work/p-step01.png" "$work/bad.png"
from 'picture without settings' 'no settings'

# Pictures to be told about.
works 'a picture is told about' inspect "$work/good.png"
works 'a picture without settings too' inspect --json "$work/p-step01.png"

finish
