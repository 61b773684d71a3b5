# shellcheck shell=bash
# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What tests of the program as a whole share: they run the real `mezzotint` as a child in an empty folder and print TAP.
# Sourced; meson gives $MEZZOTINT (the program), $PROBE (probe.c's) and $GOLDEN (the folder of golden data).
set -u

work=$(mktemp -d -t 'mezzotint faults XXXXXX')
trap 'rm -rf -- "$work"' EXIT
mkdir "$work/out"
cd "$work/out" || exit 1
export XDG_CACHE_HOME=$work/cache
# shellcheck disable=SC2034 # the tests use it
model=$GOLDEN/tiny-diffusers
number=0

# result STATUS NAME [WHY]: one line of TAP.
result() {
  number=$((number + 1))
  if [ "$1" -eq 0 ]; then
    echo "ok $number $2"
  else
    echo "not ok $number $2"
    printf '%s\n' "${3-}" | sed 's/^/# /'
  fi
}

skip() {
  number=$((number + 1))
  echo "ok $number $1 # SKIP $2"
}

finish() {
  echo "1..$number"
}

# files: what lies in the folder, hidden files too.
files() {
  find . -mindepth 1 | sort | tr '\n' ' '
}

# refuses NAME CODE WORDS ARGUMENT...: the program ends with CODE, says one sentence with WORDS in it on the standard
# error and nothing on the standard output, and leaves the folder as it was.
refuses() {
  local name=$1 code=$2 words=$3 before after rc why=
  shift 3
  before=$(files)
  timeout 60 "$MEZZOTINT" "$@" >"$work/stdout" 2>"$work/stderr" </dev/null
  rc=$?
  after=$(files)
  [ "$rc" -eq "$code" ] || why+="exit code $rc, not $code; "
  [ "$(wc -l <"$work/stderr")" -eq 1 ] || why+="not one line on stderr; "
  grep -q '^mezzotint: .*[.?]$' "$work/stderr" || why+="no sentence; "
  grep -qF -- "$words" "$work/stderr" || why+="no word of: $words; "
  [ -s "$work/stdout" ] && why+="something on stdout; "
  [ "$before" = "$after" ] || why+="files changed from [$before] to [$after]; "
  [ -z "$why" ]
  result $? "$name" "$why$(printf '\nsaid: ' && head -c 600 "$work/stderr")"
}

# works NAME ARGUMENT...: the program ends well; its output stays in $work/stdout and $work/stderr.
works() {
  local name=$1 rc
  shift
  timeout 120 "$MEZZOTINT" "$@" >"$work/stdout" 2>"$work/stderr" </dev/null
  rc=$?
  result $rc "$name" "exit code $rc: $(head -c 600 "$work/stderr")"
}
