#!/usr/bin/env bash
# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Measuring: bad options, pictures and outputs end in one sentence; tables, JSON, plot and Ctrl-C are as promised.
# shellcheck source=tests/faults/lib.sh
. "$(dirname "$0")/lib.sh"

# is NAME EXPECTED GOT
is() {
  [ "$2" = "$3" ]
  result $? "$1" "expected: $2
got: $3"
}

evaluate() { # NAME CODE WORDS ARGUMENT...
  local name=$1 code=$2 words=$3
  shift 3
  refuses "$name" "$code" "$words" evaluate --model "$model" "$@"
}

for seed in 1 2; do
  "$MEZZOTINT" generate 'a cat' --model "$model" --steps 2 --seed $seed --size 96x64 --quiet --output $seed.png
done

evaluate 'no picture' 2 'There is no picture'
evaluate 'no timesteps' 2 '--timesteps' 1.png --timesteps 0
evaluate 'too many timesteps' 2 '--timesteps' 1.png --timesteps 1001
evaluate 'a list with a hole' 2 '--timesteps' 1.png --timesteps 1,,3
evaluate 'a list of nothing' 2 '--timesteps' 1.png --timesteps ,
evaluate 'a timestep that the model has not' 2 'from 0 to 999' 1.png --timesteps 5,1000
evaluate 'no samples' 2 '--samples' 1.png --samples 0
evaluate 'negative seed' 2 '--seed' 1.png --seed -1
evaluate 'size of letters' 2 '--size' 1.png --size big
evaluate 'caption of invalid UTF-8' 2 'not valid UTF-8' 1.png --prompt $'\xff'
evaluate 'plot into a folder' 2 'not of a folder' 1.png --plot .
evaluate 'plot as JPEG' 2 '.png' 1.png --plot plot.jpg
evaluate 'plot in no folder' 4 'there is no folder' 1.png --plot none/plot.png
evaluate 'output in no folder' 4 'there is no folder' 1.png --output none/numbers.txt
evaluate 'output to a device' 4 'not an ordinary file' 1.png --output /dev/full
evaluate 'unknown backend' 2 'cpu, reference' 1.png --backend cuba
evaluate 'no such picture' 3 'cannot be read' 1.png none.png
evaluate 'a folder as picture' 3 'no ordinary file' .
evaluate 'a text as picture' 3 'no picture' "$GOLDEN/README.md"
head -c 300 1.png >"$work/cut.png"
evaluate 'a picture cut off' 3 'damaged or cut off' 1.png "$work/cut.png"
printf 'RIFF\20\0\0\0WEBPVP8 ' >"$work/a.webp"
evaluate 'a picture of another kind' 3 'WebP' "$work/a.webp"
refuses 'no such model' 3 'nonexistent' evaluate --model /nonexistent 1.png
evaluate 'no such second model' 3 'nonexistent' 1.png --against /nonexistent

works 'tables' evaluate --model "$model" 1.png 2.png --timesteps 4 --plot plot.png
is 'the plot is a picture' '1200x720' "$("$PROBE" png plot.png)"
grep -qF '2 pictures at 64×64 · 4 timesteps, 1 sample each · seed 0 · no caption' "$work/stdout"
result $? 'the table says what it is of' "$(cat "$work/stdout")"
is 'a row a timestep' '125 375 625 875 ' "$(awk '$1 ~ /^[0-9]+$/ && NF > 3 && !/×/ {print $1}' "$work/stdout" | tr '\n' ' ')"
cp "$work/stdout" "$work/first"
works 'the same again' evaluate --model "$model" 1.png 2.png --timesteps 4 --threads 1 --output numbers.txt
cmp numbers.txt "$work/first"
result $? 'gives the same numbers, in a file'
[ -s "$work/stdout" ]
is 'and nothing on the standard output' 1 $?
works 'one of them' evaluate --model "$model" 2.png --timesteps 4
is 'its numbers do not depend on what is beside it' "$(grep -F 2.png "$work/first")" "$(grep -F 2.png "$work/stdout")"
works 'a list of timesteps' evaluate --model "$model" 1.png --timesteps 875,125, --samples 3 --seed 18446744073709551615
is 'is put in order' '125 875 ' "$(awk '$1 ~ /^[0-9]+$/ && NF <= 5 && !/×/ {print $1}' "$work/stdout" | tr '\n' ' ')"
works 'two models' evaluate --model "$model" --against "$GOLDEN/models/sd1-mini" 1.png --timesteps 2 --plot two.png
grep -q 'predicts the noise better: ' "$work/stdout"
result $? 'are compared' "$(cat "$work/stdout")"
works 'a memory limit' evaluate --model "$model" 1.png 2.png --timesteps 4 --memory-limit 200M
is 'changes no number' "$(grep -F 2.png "$work/first")" "$(grep -F 2.png "$work/stdout")"
evaluate 'a limit that nothing fits in' 1 'memory limit' 1.png --memory-limit 20M
evaluate 'a limit that is no size' 2 'needs a size' 1.png --memory-limit much
works 'an odd size' evaluate --model "$model" 1.png --timesteps 1 --size 50x70
grep -q 'The size 50×70 was rounded to' "$work/stderr"
result $? 'is rounded, with a word' "$(cat "$work/stderr")"
works 'a long caption' evaluate --model "$model" 1.png --timesteps 1 --prompt "$(head -c 3000 /dev/zero | tr '\0' .)"
grep -q 'caption is too long' "$work/stderr"
result $? 'is cut, with a word' "$(cat "$work/stderr")"

works 'JSON' evaluate --model "$model" 1.png 2.png --timesteps 3 --json
"$PROBE" json <"$work/stdout" >"$work/events"
result $? 'every line is an object' "$(cat "$work/events")"
is 'the events' 'start load progress evaluation progress evaluation model done ' "$(uniq "$work/events" | tr '\n' ' ')"
[ -s "$work/stderr" ]
is 'nothing else is said' 1 $?
works 'JSON into a file' evaluate --model "$model" 1.png --timesteps 3 --json --output numbers.json
is 'which has the numbers' 'evaluation model ' "$("$PROBE" json <numbers.json | tr '\n' ' ')"

# The disk fills up (a limit stands in for it): the plot is larger than 2 blocks of 1024 bytes.
rm -f plot.png
(
  ulimit -f 2
  timeout 60 "$MEZZOTINT" evaluate --model "$model" 1.png --timesteps 1 --quiet --plot plot.png
) >"$work/stdout" 2>"$work/stderr"
rc=$?
[ $rc -eq 4 ] && [ ! -e plot.png ] && [ -s "$work/stdout" ] && [ "$(wc -l <"$work/stderr")" -eq 1 ]
result $? 'disk full: the numbers are not lost' "exit code $rc, said $(cat "$work/stderr")"

# Ctrl-C while it measures.
rm -f -- *.txt *.json
before=$(files)
mkfifo "$work/pipe"
"$MEZZOTINT" evaluate --model "$model" 1.png --timesteps 1000 --samples 1000 --json --plot c.png --output c.txt \
  >"$work/pipe" 2>"$work/stderr" &
pid=$!
while IFS= read -r line; do
  [[ $line == *'"done":5,'* ]] && break
done <"$work/pipe"
kill -INT $pid
wait $pid
rc=$?
[ $rc -eq 130 ] && grep -q Cancelled "$work/stderr"
result $? 'Ctrl-C' "exit code $rc: $(cat "$work/stderr")"
is 'leaves nothing' "$before" "$(files)"

finish
