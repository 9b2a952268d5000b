#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# dev-ata with a hard disk: every register of the drive in every order, with several seeds.

. "${srcdir:-.}/tests/guest/lib.sh"

dd if=/dev/zero of="$work/disk.img" bs=1048576 count=4 2>/dev/null
for seed in 1 2 3; do
	run "ata$seed" run dev-ata --expect=pass --disk="$work/disk.img" --append="seed=$seed"
	claim "$status" "dev-ata: the drive survives random accesses (seed $seed)"
done
plan
