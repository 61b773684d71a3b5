#!/usr/bin/env bash
# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The program as people use it: pictures come out whole, the same again, and Ctrl-C leaves nothing half done.
# shellcheck source=tests/faults/lib.sh
. "$(dirname "$0")/lib.sh"

# is NAME EXPECTED GOT
is() {
  [ "$2" = "$3" ]
  result $? "$1" "expected: $2
got: $3"
}

make() { # ARGUMENT...: quietly, with the tiny model
  "$MEZZOTINT" generate --model "$model" --steps 3 --quiet "$@"
}

works 'generate' generate 'a cat' --model "$model" --steps 3 --seed 7 --output a.png
is 'it is a PNG of the native size' '64x64' "$("$PROBE" png a.png)"
is 'it says where it went' 'Saved a.png (seed 7' "$(head -c 19 "$work/stdout")"
make 'a cat' --seed 7 --output b.png
cmp a.png b.png
result $? 'the same seed gives the same file'
make 'a cat' --seed 8 --output b.png
! cmp -s a.png b.png
result $? 'another seed gives another, and replaces the file'
make --from a.png --output b.png
cmp a.png b.png
result $? 'settings read from a picture give the same file'
make --from a.png --output b.png --guidance 2
! cmp -s a.png b.png
result $? 'an option goes before what the picture says'

prompt=$'colon: comma, "quotes" \\ 猫 🍎\nNegative prompt: not one\nSteps: 3, Sampler: no, Seed: 9'
make "$prompt" --negative 'Negative prompt: b' --seed 1 --sampler ddim --eta 0.5 --output odd.png
make --from odd.png --output odd-again.png
cmp odd.png odd-again.png
result $? 'settings with an odd prompt give the same file'

make 'a cat' --seed 7 --count 3 --output batch.png
for i in 1 2 3; do
  make 'a cat' --seed $((6 + i)) --output single.png
  cmp "batch-$i.png" single.png
  result $? "picture $i of a batch is the single one with its seed"
done
rm -f -- *.png

make 'a cat' --seed 7
make 'a cat' --seed 7
is 'in a folder nothing is replaced' './mezzotint-7-2.png ./mezzotint-7.png ' "$(files)"
make 'a cat' --seed 7 --output new/
is 'a folder is made' './mezzotint-7-2.png ./mezzotint-7.png ./new ./new/mezzotint-7.png ' "$(files)"
rm -rf -- *.png new

works 'odd sizes are rounded' generate 'a cat' --model "$model" --steps 1 --size 61x51 --output a.png
is 'to what the model can do' '60x52' "$("$PROBE" png a.png)"
grep -q '61×51 was rounded to 60×52' "$work/stderr"
result $? 'and a word says so' "$(cat "$work/stderr")"
head -c 1048576 /dev/zero | tr '\0' a >"$work/long.txt"
works 'a prompt of a megabyte' generate --prompt-file "$work/long.txt" --model "$model" --steps 1 --output a.png
grep -q 'too long' "$work/stderr"
result $? 'is cut, with a word' "$(head -c 500 "$work/stderr")"
echo 'a cat' | "$MEZZOTINT" generate - --model "$model" --steps 3 --seed 7 --quiet --output b.png
make 'a cat' --seed 7 --output a.png
cmp a.png b.png
result $? 'a prompt from the standard input'
LC_ALL=C make 'été 猫' --seed 1 --output a.png && LC_ALL=C.UTF-8 make 'été 猫' --seed 1 --output b.png
cmp a.png b.png
result $? 'the locale changes nothing'
rm -f -- *.png

works 'without a memory limit' generate 'a cat' --model "$model" --steps 2 --seed 7 --json --output a.png
least=$(sed -n 's/.*"least_bytes":\([0-9]*\).*/\1/p' "$work/stdout")
works 'at the lowest limit that it names' generate 'a cat' --model "$model" --steps 2 --seed 7 \
  --memory-limit "$least" --output b.png
cmp a.png b.png
result $? 'gives the same picture'
"$MEZZOTINT" generate 'a cat' --model "$model" --steps 2 --size 512x512 --memory-limit "$least" --output c.png 2>"$work/stderr"
is 'a larger picture does not fit under it' 1 $?
grep -q 'would fit' "$work/stderr"
result $? 'and what would is named' "$(cat "$work/stderr")"
is 'and nothing is left of it' './a.png ./b.png ' "$(files)"
rm -f -- *.png

works 'weights as in the file' generate 'a cat' --steps 1 --seed 7 --weights file --output a.png
works 'weights in 8 bits' generate 'a cat' --steps 1 --seed 7 --weights 8bit --output b.png
! cmp -s a.png b.png
result $? 'make another picture'
rm -f -- *.png

for kind in linear vae; do
  make 'a cat' --seed 7 --preview-every 2 --preview $kind --output p.png
  is "previews, $kind" './p-step02.png ./p.png ' "$(files)"
  "$PROBE" png p-step02.png >/dev/null
  result $? "are pictures, $kind"
  rm -f -- *.png
done

works 'JSON' generate 'a "cat"' --model "$model" --steps 3 --seed 7 --count 2 --preview-every 3 --json --output a.png
"$PROBE" json <"$work/stdout" >"$work/events"
result $? 'every line is an object' "$(cat "$work/events")"
is 'the events' 'load start memory phase step preview phase picture phase step preview phase picture done ' \
  "$(uniq "$work/events" | tr '\n' ' ')"
[ -s "$work/stderr" ]
is 'nothing else is said' 1 $?
"$MEZZOTINT" generate 'a cat' --model /nonexistent --json >"$work/stdout" 2>/dev/null
is 'errors are events, too' error "$("$PROBE" json <"$work/stdout" | tail -n 1)"
"$MEZZOTINT" inspect --json "$model" | "$PROBE" json >/dev/null
result $? 'inspect as JSON'
"$MEZZOTINT" devices --json | "$PROBE" json >/dev/null
result $? 'devices as JSON'
rm -f -- *.png

# interrupt NAME EVENT ARGUMENT...: Ctrl-C after the first EVENT ends within a second, with 130.
interrupt() {
  local name=$1 event=$2 pid started rc ms
  shift 2
  mkfifo "$work/pipe"
  "$MEZZOTINT" generate 'a cat' --model "$model" --json "$@" >"$work/pipe" 2>"$work/stderr" &
  pid=$!
  while IFS= read -r line; do
    [[ $line == *"\"event\":\"$event\""* ]] && break
  done <"$work/pipe"
  started=$(date +%s%N)
  kill -INT $pid
  wait $pid
  rc=$?
  ms=$((($(date +%s%N) - started) / 1000000))
  rm "$work/pipe"
  [ $rc -eq 130 ] && [ $ms -lt 1000 ] && grep -q Cancelled "$work/stderr"
  result $? "$name" "exit code $rc after $ms ms: $(cat "$work/stderr")"
}
interrupt 'Ctrl-C while loading' load --steps 1000 --output c.png
is 'leaves nothing' '' "$(files)"
interrupt 'Ctrl-C in a step' step --steps 1000 --output c.png
is 'leaves nothing' '' "$(files)"
interrupt 'Ctrl-C in a batch' picture --steps 60 --count 50 --seed 1 --output c.png
"$PROBE" png c-01.png >/dev/null
result $? 'keeps what is finished'
is 'and only that' '' "$(files | tr ' ' '\n' | grep -v '^./c-[0-9]*\.png$' | tr -d '\n')"
rm -f -- *.png

if "$MEZZOTINT" inspect "$BUILTIN" >/dev/null 2>&1; then
  works 'the built-in model' generate 'a red apple' --steps 2 --seed 1 --output apple.png
  "$PROBE" png apple.png >/dev/null
  result $? 'makes a picture'
else
  skip 'the built-in model' 'it is not in this tree'
fi

finish
