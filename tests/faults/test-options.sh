#!/usr/bin/env bash
# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Bad options, values, prompts and outputs end in one sentence, an exit code, and nothing written.
# shellcheck source=tests/faults/lib.sh
. "$(dirname "$0")/lib.sh"

generate() { # NAME CODE WORDS ARGUMENT...
  local name=$1 code=$2 words=$3
  shift 3
  refuses "$name" "$code" "$words" generate --model "$model" "$@"
}

refuses 'unknown command' 2 'did you mean “generate”?' genrate 'a cat'
refuses 'unknown option' 2 'did you mean “--steps”?' generate 'a cat' --stpes 5
refuses 'no command, bad option' 2 '--frobnicate' --frobnicate
generate 'no prompt' 2 'There is no prompt'
generate 'prompt without quotes' 2 'quotes' a red apple
generate '0 steps' 2 '“0”' 'a cat' --steps 0
generate '1001 steps' 2 'from 1 to 1000' 'a cat' --steps 1001
generate 'steps with letters' 2 '“12abc”' 'a cat' --steps 12abc
generate 'steps without a value' 2 'needs a value' 'a cat' --steps
generate 'overflowing seed' 2 '--seed' 'a cat' --seed 99999999999999999999
generate 'size 0' 2 '--size' 'a cat' --size 0x64
generate 'size too large' 2 '--size' 'a cat' --size 64x9000
generate 'half a size' 2 '--size' 'a cat' --size 64x
generate 'no count' 2 '--count' 'a cat' --count 0
generate 'guidance nan' 2 '--guidance' 'a cat' --guidance nan
generate 'clip skip deeper than the encoder' 2 'clip skip' 'a cat' --clip-skip 9
generate 'unknown sampler' 2 'did you mean “euler_a”?' 'a cat' --sampler 'Eulr a'
generate 'unknown schedule' 2 'did you mean “karras”?' 'a cat' --schedule karas
generate 'unknown program' 2 'did you mean “a1111-nv”?' 'a cat' --compatible a1111-vn
generate 'unknown prompt style' 2 'did you mean “plain”?' 'a cat' --prompt-style plian
generate 'too much of a variation' 2 'from 0 to 1' 'a cat' --variation-strength 1.5
generate 'more threads than the engine takes' 2 'from 1 to 1024' 'a cat' --threads 1025
generate 'unknown backend' 2 'cpu, reference' 'a cat' --backend refrence
generate 'unknown precision' 2 '“file” or “8bit”' 'a cat' --weights 4bit
generate 'unknown preview' 2 '“linear” or “vae”' 'a cat' --preview big

generate 'prompt of invalid UTF-8' 2 'not valid UTF-8 text (at byte 3)' $'a \xff cat'
generate 'negative of invalid UTF-8' 2 'not valid UTF-8' 'a cat' --negative $'\xc3'
head -c 1048577 /dev/zero | tr '\0' a >"$work/long.txt"
generate 'prompt over a megabyte' 2 'longer than 1048576 bytes' --prompt-file "$work/long.txt"
printf 'a\0b' >"$work/binary.txt"
generate 'prompt file that is no text' 2 'is not a text' --prompt-file "$work/binary.txt"
generate 'prompt file that is not there' 2 'cannot be read' --prompt-file "$work/none.txt"

# Output is tried before the model is read: here, one that is not there.
output() { # NAME WORDS PATH
  refuses "$1" 4 "$2" generate 'a cat' --model /nonexistent --output "$3"
}
touch file
output 'output below a file' 'is not a folder' file/apple.png
output 'output in no folder' 'there is no folder' none/apple.png
output 'output folder in no folder' 'there is no folder' none/none/
output 'output to a device' 'not an ordinary file' /dev/full
refuses 'output as JPEG' 2 '.png' generate 'a cat' --model /nonexistent --output apple.jpg
if [ "$(id -u)" -ne 0 ]; then
  mkdir locked && chmod 500 locked
  output 'output in a locked folder' 'locked' locked/apple.png
  rmdir locked
else
  output 'output where root cannot write' '/proc' /proc/apple.png
fi

# The disk fills up while the picture is written (a limit stands in for it): 2 blocks of 1024 bytes.
(
  ulimit -f 2
  timeout 60 "$MEZZOTINT" generate 'a cat' --model "$model" --steps 1 --output full.png --quiet
) 2>"$work/stderr"
rc=$?
[ $rc -eq 4 ] && [ "$(files)" = './file ' ] && [ "$(wc -l <"$work/stderr")" -eq 1 ]
result $? 'disk full' "exit code $rc, files $(files), said $(cat "$work/stderr")"

"$MEZZOTINT" devices >/dev/full 2>"$work/stderr"
[ $? -eq 4 ]
result $? 'standard output full'

finish
