#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# README.md stays true: what it shows of a run is what the run prints, its commands take the options it names, the targets of
# make exist, and its map has every directory.

. "${srcdir:-.}/tests/guest/lib.sh"

readme=${srcdir:-.}/README.md

# sample START: the indented block after the line that begins with START, one blank between words.
sample() {
	awk -v start="$1" 'index($0, start) == 1 { on = 1; next } on && /^    / { seen = 1; $1 = $1; print; next } on && seen && /^[^ ]/ { exit }' "$readme"
}

# shown TEXT START FILE: each line of the sample is a line of FILE.
shown() {
	sample "$2" >"$work/sample"
	tr -s ' ' <"$3" | sed 's/^ //; s/ $//' | sort -u >"$work/lines"
	sort -u "$work/sample" | comm -23 - "$work/lines" >"$work/missing"
	sed 's/^/# README.md has, the run does not: /' "$work/missing"
	holds "$1 ($(wc -l <"$work/sample") lines)" test -s "$work/sample" -a ! -s "$work/missing"
}

# Without the options of the command line, as README.md has it: a trace would add a line to the report.
"$NWSIM" run ac-loop >"$work/ac-loop.out" 2>&1 </dev/null || true
# shellcheck disable=SC2016 # README.md quotes commands so
shown "what README.md shows of ac-loop is what it prints" '`./nwsim run ac-loop`' "$work/ac-loop.out"
if [ -f guests/linux/bzImage-5.10 ]; then
	"$NWSIM" linux >"$work/linux.out" 2>&1 </dev/null || true
	# shellcheck disable=SC2016
	shown "what README.md shows of Linux is what it prints" '`./nwsim linux`' "$work/linux.out"
fi

# Commands: "./nwsim COMMAND words", of which those that begin with -- are options of the command.
grep -oE '\./nwsim [a-z]+[^;`#(]*' "$readme" | sed 's/  .*//; s/ -- .*//' >"$work/commands"
bad=0
while read -r _ command words; do
	"$NWSIM" "$command" --help >"$work/help" 2>&1 || bad=1
	for word in $words; do
		case $word in
		--*) grep -qE -- "${word%%=*}([^a-z-]|\$)" "$work/help" || {
			echo "# nwsim $command has no option $word"
			bad=1
		} ;;
		esac
	done
done <"$work/commands"
claim "$bad" "the options in README.md are there ($(wc -l <"$work/commands") commands)"

# Targets of make, as the Makefile of this build knows them.
bad=0
grep -oE 'make -C build [a-z-]+' "$readme" | sed 's/.* //' | sort -u >"$work/targets"
while read -r target; do
	grep -qE "^([a-zA-Z0-9_./ -]+ )?$target( [a-z -]+)?:" Makefile || {
		echo "# no target $target in Makefile"
		bad=1
	}
done <"$work/targets"
claim "$bad" "the targets of make in README.md are there"

bad=0
for path in "${srcdir:-.}"/*/; do
	path=${path#"${srcdir:-.}/"}
	case $path in
	build/ | build-aux/ | autom4te.cache/ | nwsim-*/) continue ;;
	esac
	grep -q "^| .*\`$path" "$readme" || {
		echo "# $path is not in the map of README.md"
		bad=1
	}
done
claim "$bad" "README.md's map has every directory"
# shellcheck disable=SC2016
sed -n '/^## The map/,/^## /s/^| `\([^`]*\)`.*/\1/p' "$readme" >"$work/map"
while read -r path; do
	holds "README.md's map: $path exists" test -e "${srcdir:-.}/$path"
done <"$work/map"
plan
