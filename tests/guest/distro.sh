#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# distro.sh FILE.boot: boots a distribution's stock kernel as the file says; its init judges (guests/distro).
#
# The file is a list of assignments: image (a directory of guests/distro in the build), cpus, and, for a run of QEMU,
# l1_cpus. In simulated time a boot takes one to four seconds and QEMU with its guest two: what is not at its end
# after limit_s seconds hangs, and the last lines of the console are shown.

. "${srcdir:-.}/tests/guest/lib.sh"

image='' cpus=1 l1_cpus='' limit_s=12
while IFS='=' read -r key value; do
	case $key in
	'' | '#'*) ;;
	image) image=$value ;;
	cpus) cpus=$value ;;
	l1_cpus) l1_cpus=$value ;;
	limit_s) limit_s=$value ;;
	*)
		echo "Bail out! $1: unknown key '$key'; image, cpus, l1_cpus, limit_s are accepted"
		exit 1
		;;
	esac
done <"$1"

dir=guests/distro/$image
if [ ! -f "$dir/initrd" ]; then
	echo "1..0 # SKIP no $dir: make distro (or distro-all)"
	exit 0
fi
release=$(cat "$dir/release")
if [ -n "$l1_cpus" ]; then
	set -- --memory=1024 -- nw.qemu=1 "nw.l1_cpus=$l1_cpus"
else
	set -- --memory=512 --
fi

# The seconds of host time are for the reader of the log; they are not judged.
start=$(date +%s)
run boot linux --kernel="$dir/vmlinuz" --initrd="$dir/initrd" --cpus="$cpus" --time-limit="$limit_s" "$@" "nw.cpus=$cpus"
claim "$status" "Debian $release, $cpus CPU(s): user space, KVM${l1_cpus:+, QEMU with a guest of $l1_cpus CPU(s)}"
holds "its init has made all its checks" grep -q '^NW: result code=' "$work/boot.out"
sed -n -e 's/^\(not \)\{0,1\}ok [0-9]* - /\1 /p' -e '/^# /p' -e 's/^L1| \(\(not \)\{0,1\}ok\|#\)/L1 \1/p' "$work/boot.out" | sed 's/^#* */# init: /'
echo "# host time $(($(date +%s) - start)) s"
plan
