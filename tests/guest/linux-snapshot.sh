#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Linux, KVM and its guests, saved and restored: while the kernel boots, and in the middle of what the VMM does to its
# guests. The rest of the run is the same to the byte.

. "${srcdir:-.}/tests/guest/lib.sh"
. "${srcdir:-.}/tests/guest/saved.sh"

if [ ! -f guests/linux/bzImage-5.10 ]; then
	echo "1..0 # SKIP no kernel: make linux"
	exit 0
fi

saved_command=linux
whole --kernel-series=5.10
claim "$whole" "all scenarios of the VMM"
at $((end / 5)) "at 1/5 of the run" --kernel-series=5.10
at $((end * 4 / 5)) "at 4/5 of the run" --kernel-series=5.10
holds "it has had notify VM exits, and has more" grep -q '^  notify VM exits [1-9]' "$work/restored.out"
plan
