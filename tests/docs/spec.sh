#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# docs/spec.md against what there is, and spec-check against documents that are wrong.
# shellcheck disable=SC2016 # the back quotes of documents
set -eu

top=${top_srcdir:-.}
check=$top/tests/docs/spec-check
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
number=0

# claim STATUS TEXT
claim() {
	number=$((number + 1))
	if [ "$1" -eq 0 ]; then echo "ok $number - $2"; else echo "not ok $number - $2"; fi
}

status=0
"$check" "$top" >"$work/out" || status=$?
sed 's/^/# /' "$work/out"
claim "$status" "every row of docs/spec.md names a test that exists, every guest has its place"

# refuses TEXT PATTERN: spec-check complains about $work/spec.md and $work/list with these words
refuses() {
	status=0
	"$check" "$top" "$work/spec.md" "$work/list" >"$work/out" || status=$?
	if [ "$status" -eq 1 ] && grep -q "$2" "$work/out"; then claim 0 "$1"; else claim 1 "$1"; fi
}

# row TEXT: a document with one row whose last column is TEXT
row() {
	printf '| rule | implemented | goes red |\n|---|---|---|\n| a rule | %s | %s |\n' "$1" "$2" >"$work/spec.md"
}

printf 'ac-loop|loop||pass|x\n' >"$work/list"
row '`nw_window.c`' 'guest `ac-loop`, `test_window`, `windows.sh` with `feature=off`'
status=0
"$check" "$top" "$work/spec.md" "$work/list" >"$work/out" || status=$?
sed 's/^/# /' "$work/out"
claim "$status" "a good row is accepted"
row 'model' '-'
refuses "a row without a test" 'names no test'
row 'model' '`feature=off`'
refuses "a row with a parameter only" 'names no test'
row 'model' '`ac-loop`, `no-such-guest`'
refuses "a guest that does not exist" "'no-such-guest' is no guest"
row 'model' '`ac-loop`, `no-such.sh`'
refuses "a test that does not exist" "'no-such.sh' is no guest"
row '`nw_nowhere.c`' '`ac-loop`'
refuses "a file that does not exist" 'no file nw_nowhere.c'
row '`nw_no_such_function()`' '`ac-loop`'
refuses "a function that does not exist" 'no function nw_no_such_function'
row '`patches/notify/9999`' '`ac-loop`'
refuses "a patch that does not exist" 'no patch patches/notify/9999'
printf 'zz-forgotten|window||pass|x\n' >>"$work/list"
row 'model' '`ac-loop`'
refuses "a guest that nothing mentions" 'zz-forgotten: no row'
: >"$work/spec.md"
refuses "a document without a table" 'no table'
echo "1..$number"
