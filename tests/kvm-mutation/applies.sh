#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every mutant of the kernel still applies: to the tree that "make kvm" has prepared, if it is the one of this series.

set -eu

here=${srcdir:-.}/tests/kvm-mutation
series=${srcdir:-.}/kernel-patch/6.1
tree=guests/linux/kernel-6.1/src
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ ! -f "$tree/arch/x86/kvm/vmx/nested.c" ]; then
	echo "1..0 # SKIP no tree of the kernel: make kvm"
	exit 0
fi
if ! (cd "$tree" && sed -n 's/^post \([0-9a-f]*\) \(arch.*\)/\1  \2/p' | sha256sum -c --quiet --status) <"$series/series.sha256"; then
	echo "1..0 # SKIP the tree of the kernel is not that of this series: make kvm"
	exit 0
fi
[ -x tests/kvm-mutation/kvm_mutant ] || ${MAKE:-make} -s tests/kvm-mutation/kvm_mutant >"$work/make.log" 2>&1 || {
	cat "$work/make.log"
	exit 99
}
number=0
tests/kvm-mutation/kvm_mutant list "$here/mutants.list" >"$work/list"
while IFS="$(printf '\t')" read -r line what boot test text rest; do
	number=$((number + 1)) rc=0
	case $what in
	0*) patch -p1 -R -s -f --fuzz=0 --dry-run -d "$tree" -i "$(realpath "$series/$what"-*.patch)" >"$work/log" 2>&1 || rc=$? ;;
	*) tests/kvm-mutation/kvm_mutant apply "$here/mutants.list" "$line" "$tree" >"$work/out" 2>"$work/log" || rc=$? ;;
	esac
	# The boot and the test that have to notice it exist.
	awk -v test="$test" -v boot="$boot" '$1 == test && $2 == boot && $5 == "pass" { found = 1 } END { exit !found }' \
		"${srcdir:-.}/tests/guest/kvm.expected" || { rc=1; echo "# $test does not pass in boot $boot" >>"$work/log"; }
	if [ "$rc" -eq 0 ]; then
		echo "ok $number - mutants.list:$line applies to $what ($text)"
	else
		sed 's/^/# /' "$work/log"
		echo "not ok $number - mutants.list:$line applies to $what ($rest)"
	fi
done <"$work/list"
echo "1..$number"
