#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# KVM's selftests of notify VM exiting on 5.10 and 6.1 with our series, and on 6.1 without: as kvm.expected says, with the
# statement that whatever upstream implements, ours do alike. Prints a matrix into kvm.matrix, and compares the table of
# kernel-patch/README.md with the cells that notify_nested_test printed.
#
# KVM_SUFFIX=-debug takes the kernels that check their own locks.

. "${srcdir:-.}/tests/guest/lib.sh"
# shellcheck source=tests/guest/kvm-boots.sh
. "${srcdir:-.}/tests/guest/kvm-boots.sh"

here=${srcdir:-.}/tests/guest
suffix=${KVM_SUFFIX:-}
matrix=tests/guest/kvm.matrix
mkdir -p tests/guest
kernels=

for series in 5.10 6.1-stock 6.1; do
	[ ! -f "guests/linux/bzImage-$series$suffix" ] || [ ! -f "guests/linux/selftests-${series%-stock}.cpio" ] ||
		kernels="$kernels $series"
done
if [ -z "$kernels" ]; then
	echo "1..0 # SKIP no kernels with selftests: make kvm"
	exit 0
fi

# tests_of RUN: the tests of kvm.expected for this boot, with commas.
tests_of() {
	awk -v run="$1" '!/^#/ && $2 == run { print $1 }' "$here/kvm.expected" | while read -r test; do
		test_argument "$1" "$test"
	done | paste -s -d ,
}

# boot SERIES RUN: one boot; its output in $work/SERIES-RUN.out.
boot() {
	series=$1
	kind=$2
	# shellcheck disable=SC2046 # several words
	run "$series-$kind" linux --kernel-series="$series$suffix" --selftests="$(tests_of "$kind")" $(boot_options "$kind")
	holds "$series, $kind: the boot comes to its end" grep -q '^NW: result code=' "$work/$series-$kind.out"
	[ -z "$suffix" ] || holds "$series, $kind: the kernel's lock validator is at work to the end" \
		grep -q "^ok [0-9]* - the kernel's lock validator is at work" "$work/$series-$kind.out"
	holds "$series, $kind: no warning in the kernel's log" clean_log "$work/$series-$kind.out"
}

# clean_log FILE: no warning, or none but those that kvm.expected has for this boot.
clean_log() {
	! grep -q '^ok [0-9]* - no warning in the kernel log' "$1" || return 0
	awk -v series="$series" -v run="$kind" 'FILENAME == ARGV[1] {
			if ($1 == "warns" && $2 == series && $3 == run) { sub(/^warns [^ ]* [^ ]* /, ""); known[$0] = 1 }
			next
		}
		/^# kernel log </ { text = $0; sub(/^# kernel log <[0-9]*> /, "", text); if (text in known) found = 1; else { print "# " $0; bad = 1 } }
		END { exit bad || !found }' "$here/kvm.expected" "$1"
}

# outcome SERIES RUN TEST: pass, skip, fail=N, or none.
outcome() {
	awk -v test="$3" '$1 == "NW:" && $2 == "selftest" {
		for (i = 3; i <= NF; i++) { split($i, a, "="); v[a[1]] = a[2] }
		if (v["name"] != test) next
		found = 1
		if (v["code"] == 4) print "skip"
		else if (v["code"] == 0 && v["fail"] == 0 && v["pass"] > 0) print "pass"
		else print "fail=" v["fail"]
		exit
	} END { if (!found) print "none" }' "$work/$1-$2.out"
}

# results SERIES RUN TEST: "NUMBER ok|not|skip", line by line of the selftest.
results() {
	sed -n "s/^$3| //p" "$work/$1-$2.out" | sed -n \
		-e 's/^ok \([0-9]*\) # SKIP.*/\1 skip/p' -e t -e 's/^ok \([0-9]*\) .*/\1 ok/p' -e t -e 's/^not ok \([0-9]*\) .*/\1 not/p'
}

# agrees SERIES RUN TEST: what is ok upstream is ok here.
agrees() {
	results 6.1-stock "$2" "$3" >"$work/upstream"
	results "$1" "$2" "$3" >"$work/ours"
	awk -v series="$1" -v test="$3" 'FILENAME == ARGV[1] { if ($1 == "differs" && $2 == series && $3 == test) known[$4] = 1; next }
		FILENAME == ARGV[2] { ours[$1] = $2; next } $2 == "ok" && ours[$1] != "ok" && !($1 in known) { print "# upstream passes line " $1 ", here it is: " ours[$1]; bad = 1 }
		END { exit bad }' "$here/kvm.expected" "$work/ours" "$work/upstream"
}

# runs SERIES RUN TEST: no line is skipped here but those that kvm.expected has.
runs() {
	results "$1" "$2" "$3" | awk -v series="$1" -v kind="$2" -v test="$3" 'FILENAME == ARGV[1] {
			if ($1 == "skips" && ($2 == "*" || $2 == series) && $3 == test && $4 == kind) for (i = 5; i <= NF; i++) known[$i] = 1
			next
		}
		$2 == "skip" && !($1 in known) { print "# skipped: line " $1; bad = 1 }
		END { exit bad }' "$here/kvm.expected" -
}

# cells SERIES: the table's cells, one per line.
cells() {
	cat "$work/$1-main.out" "$work/$1-invalid.out" | sed -n 's/^notify_nested_test| # cell //p' | LC_ALL=C sort
}

for series in $kernels; do
	for kind in $KVM_BOOTS; do
		boot "$series" "$kind"
	done
	[ "$series" = 6.1-stock ] || holds "$series, loop: the IDT-vectoring information of the exits is that of #DB" \
		grep -qE '^ +[0-9]+ .* 0x80000301  ' "$work/$series-loop.out"
done

{
	printf '%-24s %-8s' test run
	# shellcheck disable=SC2086 # a list
	printf ' %-12s' $kernels
	echo
} >"$matrix"
grep -vE '^(#|differs|skips|warns|$)' "$here/kvm.expected" >"$work/expected"
while read -r test kind on_5_10 on_stock on_6_1; do
	printf '%-24s %-8s' "$test" "$kind" >>"$matrix"
	for series in $kernels; do
		case $series in
		5.10) want=$on_5_10 ;;
		6.1) want=$on_6_1 ;;
		*) want=$on_stock ;;
		esac
		got=$(outcome "$series" "$kind" "$test")
		mark=
		[ "$got" = "$want" ] || mark=' (!)'
		printf ' %-12s' "$got$mark" >>"$matrix"
		if [ "$got" = "$want" ]; then
			claim 0 "$series: $test ($kind): $want"
		else
			grep "^$test| " "$work/$series-$kind.out" | grep -v '| ok' | sed 's/^/# /'
			claim 1 "$series: $test ($kind): $got, expected $want"
		fi
		[ "$series" = 6.1-stock ] || holds "$series: $test ($kind): no line is skipped" runs "$series" "$kind" "$test"
	done
	echo >>"$matrix"
	case " $kernels " in
	*" 6.1-stock "*)
		for series in $kernels; do
			[ "$series" = 6.1-stock ] || holds "$series: $test ($kind): what upstream passes, passes here" agrees "$series" "$kind" "$test"
		done
		;;
	esac
done <"$work/expected"
sed 's/^/# /' "$matrix"

# The ownership table: the same on both kernels of ours, where upstream has a cell it is that one, and the README has it.
for series in $kernels; do
	cells "$series" >"$work/cells-$series"
done
if [ -f "$work/cells-6.1" ]; then
	holds "ownership: all 40 cells come from runs" test "$(grep -c . "$work/cells-6.1")" -eq 40
	[ ! -f "$work/cells-5.10" ] || holds "ownership: 5.10 and 6.1 agree" diff "$work/cells-5.10" "$work/cells-6.1"
	[ ! -f "$work/cells-6.1-stock" ] ||
		holds "ownership: the cells that upstream has" test -z "$(LC_ALL=C comm -23 "$work/cells-6.1-stock" "$work/cells-6.1")"
	"$here/kvm-table" <"$work/cells-6.1" >"$work/table"
	sed -n '/^<!-- ownership: begin/,/^<!-- ownership: end/p' "${srcdir:-.}/kernel-patch/README.md" | grep '^|' >"$work/table.readme" || true
	holds "ownership: the table of kernel-patch/README.md is that of this run" diff "$work/table.readme" "$work/table"
fi
plan
