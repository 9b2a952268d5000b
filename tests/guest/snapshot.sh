#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A run that is saved, and one that is restored and goes on, equal the one that was never interrupted: trace, output and
# exit status, to the byte. Guests in the middle of loops, stalls, HLT and SMM, with one CPU and several.
#
# SNAPSHOT_GUESTS="NAME..." or "all", SNAPSHOT_POINTS=N: other guests (make check-snapshot), N moments of each.

. "${srcdir:-.}/tests/guest/lib.sh"
. "${srcdir:-.}/tests/guest/media.sh"
. "${srcdir:-.}/tests/guest/saved.sh"

first=24000000          # the BIOS is done, about

# moments GUEST OPTIONS...: at $points ticks between the BIOS and the end, from a generator with a fixed seed
moments() {
	whole "$@"
	from=$((end > first ? first : end / 2)) # a slower clock has fewer ticks
	n=0
	while [ "$n" -lt "$points" ]; do
		n=$((n + 1))
		seed=$(((seed * 1103515245 + 12345) % 2147483648))
		at $((from + (end - from) * (seed / 256 % 1000) / 1000)) "${1##*/}, moment $n of $points" "$@"
	done
}

# tick EVENT: the tick of the first record of this kind in the uninterrupted run
tick() {
	"$NWSIM" trace dump "$work/whole.nwt" | sed -n "s/^ *\([0-9]*\) .* $1 .*/\1/p" | head -n 1
}

seed=1
points=${SNAPSHOT_POINTS:-1}
case ${SNAPSHOT_GUESTS:-some} in
all) guests=$("$NWSIM" list | sed -n 's|^  \([^ ]*\) .*|\1|p') ;;
some) guests="ac-loop np-loop clocks event-halt smm-rsm pmu amx-state posted smp-stall smp-rep" ;;
*) guests=$SNAPSHOT_GUESTS ;;
esac
for guest in $guests; do
	moments "$guest"
done
if [ "${SNAPSHOT_GUESTS:-some}" != some ]; then
	plan
	exit 0
fi

# Moments that chance seldom finds.
whole ac-loop
at $(($(tick flow_begin) + 1234567)) "ac-loop, inside of the iterations that are skipped" ac-loop
whole ac-loop --param=skip=0 --window=0 --threshold=2000crystal
at $(($(tick flow_begin) + 50050)) "ac-loop, inside of an iteration that is executed" ac-loop --param=skip=0 --window=0 \
	--threshold=2000crystal
whole magic-nop
at $(($(tick stall) + 40)) "magic-nop, inside of a stall" magic-nop
whole normal-work --param=atomic=complete
at $(($(tick 'stall clocks=[0-9]*') + 40)) "normal-work, inside of a stall with P20 = complete" normal-work \
	--param=atomic=complete
whole smp-stall
at $(($(tick stall) + 40)) "smp-stall, inside of a stall of one of two CPUs" smp-stall

# Disks and CD-ROMs: in the middle of a reset of the drives and of transfers, and behind a write, which the saved run has
# and the image has not.
if [ -f guests/foreign/disk.bin ]; then
	disk=$work/disk.img
	disk_image "$disk"
	cd_image "$work/cd.iso"
	whole "$disk" --time-limit=0.1
	at $((end * 65 / 100)) "a disk, in a reset of the drives" "$disk" --time-limit=0.1
	holds "... which it is" grep -q 'reset_in_progress = 0x01' "$work/saved/state/hard_drive"
	at $((end - 1000)) "a disk, what it has written is read again" "$disk" --time-limit=0.1
	holds "... and is part of what is saved" grep -q 'new!' "$work/saved/state/hard_drive.0.drive0.image"
	touch -d '2001-02-03' "$disk"
	run touched run --restore="$work/saved"
	holds "the date of the image does not matter" same touched
	printf x | at_offset "$disk" 1000
	run changed run --restore="$work/saved"
	holds "its content does" grep -q 'hash.disk' "$work/changed.err"
	holds "... exit status 2" test "$status" -eq 2
	points=3
	disk_image "$disk"
	moments "$disk" --time-limit=0.1
	moments "$work/cd.iso" --time-limit=0.1
	truncate -s 4194304 "$work/ata.img"
	moments dev-ata --disk="$work/ata.img" --append=rounds=20000
fi
run writes run hello --disk-write --disk="$work/ata.img" --save="$work/w" --save-at=0.001
holds "a run that writes to its image cannot be saved" grep -q 'the image is not part of a saved run' "$work/writes.err"

# What is not accepted, in one line and without leaving anything.
run twice run hello --save="$work/saved" --save-at=0.001
holds "a directory that exists is not replaced" grep -q 'it exists; name a new directory' "$work/twice.err"
holds "... exit status 2" test "$status" -eq 2
rm -rf "$work/saved"
run late run hello --save="$work/saved" --save-at=3000
holds "a run that ends before it is saved: exit status 1" test "$status" -eq 1
holds "... and no directory" test ! -e "$work/saved"
run end run hello --save="$work/saved" --save-at=0.005
holds "a run that ends with being saved: exit status 0" test "$status" -eq 0
run past run --restore="$work/saved" --save="$work/earlier" --save-at=0.001
holds "a restored run cannot be saved at an earlier time" grep -q 'tick 2200000 is past' "$work/past.err"
holds "... exit status 2, and nothing was run" test "$status$(cat "$work/past.out")" = 2
if command -v unshare >/dev/null && unshare -rm true 2>/dev/null; then
	mkdir "$work/tiny"
	# shellcheck disable=SC2016 # expanded by the inner shell
	unshare -rm sh -c 'mount -t tmpfs -o size=64k tmpfs "$1/tiny" && "$2" run hello --save="$1/tiny/s" --save-at=0.005' \
		sh "$work" "$NWSIM" >"$work/full.out" 2>"$work/full.err" </dev/null || true
	holds "a full disk is the reason that is told" grep -q 'nothing was saved: ' "$work/full.err"
fi
run other run --restore="$work/saved" --param=delivery_cost=7
holds "a run with another parameter cannot continue it" grep -q 'both must be the same' "$work/other.err"
holds "... exit status 2" test "$status" -eq 2

# Damage of any file: refused in one line that names the file, by a restore and by "nwsim snapshot", exit status 2.
# refused FILE: both do
refused() {
	for how in run snapshot; do
		code=0
		case $how in
		run) "$NWSIM" run --restore="$work/hurt" --trace="$work/hurt.nwt" >"$work/hurt.out" 2>"$work/hurt.err" || code=$? ;;
		snapshot) "$NWSIM" snapshot "$work/hurt" >"$work/hurt.out" 2>"$work/hurt.err" || code=$? ;;
		esac
		if [ "$code" -ne 2 ] || [ -s "$work/hurt.out" ] || [ -e "$work/hurt.nwt" ] ||
			[ "$(wc -l <"$work/hurt.err")" -ne 1 ] || ! grep -qF "$1" "$work/hurt.err"; then
			echo "# $how, $1: status $code, $(head -n 1 "$work/hurt.err")"
			rm -f "$work/hurt.nwt"
			return 1
		fi
	done
}

# flip_bit FILE: one bit, in the middle
flip_bit() {
	half=$(($(stat -c %s "$1") / 2))
	byte=$(od -An -tu1 -j "$half" -N 1 "$1")
	# shellcheck disable=SC2059 # the byte, in octal
	printf "\\$(printf %o $((byte ^ 1 << half % 8)))" | dd of="$1" bs=1 seek="$half" conv=notrunc status=none
}

# each_refused TEXT COMMAND...: damages each file of a saved run by this command, in turn
each_refused() {
	text=$1
	shift
	accepted=0
	for file in $files; do
		rm -rf "$work/hurt"
		cp -r "$work/saved" "$work/hurt"
		"$@" "$work/hurt/$file"
		refused "$file" || accepted=$((accepted + 1))
	done
	holds "$text" test "$accepted" -eq 0
}

truncate -s -1 "$work/saved/sums"
holds "the checksums cut off by one byte are noticed" test "$("$NWSIM" snapshot "$work/saved" 2>&1 | grep -c 'sums is damaged')" -eq 1
rm -rf "$work/saved"
run again run hello --save="$work/saved" --save-at=24865000tsc
files=$(cd "$work/saved" && find . -type f -size +0 | sed 's|^\./||' | sort)
holds "a saved run has the files that are damaged here" test "$(echo "$files" | grep -cE '/nwsim.gaps|/cpu0|/trace.nwt|^serial|/vga|^sums')" -gt 6
each_refused "one bit in any file is noticed" flip_bit
each_refused "the last byte of any file is missed" truncate -s -1
files=$(cd "$work/saved" && find . -type f ! -name info | sed 's|^\./||' | sort)
each_refused "a byte behind the end of any file is noticed" truncate -s +1
each_refused "any file is missed" rm
files="a-file state/a-file"
each_refused "a file that does not belong there is noticed" touch

# What somebody else has made: the checksums agree, and it is refused nevertheless.
# sums: the checksums of $work/hurt, made anew
sums() {
	rm "$work/hurt/sums"
	(cd "$work/hurt" && find . -type f | sed 's|^\./||' | LC_ALL=C sort | xargs sha256sum) >"$work/sums"
	mv "$work/sums" "$work/hurt/sums"
}

# words WORD: refused as one more word of the command line
words() {
	rm -rf "$work/hurt"
	cp -r "$work/saved" "$work/hurt"
	printf '%s\0' "$1" >>"$work/hurt/words"
	sums
	code=0
	timeout 20 "$NWSIM" run --restore="$work/hurt" >"$work/hurt.out" 2>"$work/hurt.err" || code=$?
	[ "$code" -eq 2 ] && [ ! -s "$work/hurt.out" ] && [ "$(grep -c 'its file words' "$work/hurt.err")" -eq 1 ]
}
printf '#!/bin/sh\ntouch %s/ran\n' "$work" >"$work/evil"
chmod +x "$work/evil"
holds "words that name another simulator are refused" words "--simulator=$work/evil"
holds "... by the first letters of the option, too" words "--sim=$work/evil"
holds "... and it does not run" test ! -e "$work/ran"
holds "words that name a file to be written are refused" words "--trace=$work/ran"
holds "words with --help are refused" words --help
holds "words with an option that does not exist are refused" words --no-such-option
holds "words that end the options are refused" words --
if command -v zstd >/dev/null; then
	rm -rf "$work/hurt"
	cp -r "$work/saved" "$work/hurt"
	truncate -s 80000000 "$work/big"
	zstd -q -f "$work/big" -o "$work/hurt/state/memory.ram.zst"
	sums
	run big run --restore="$work/hurt"
	holds "more RAM than the run has is refused" grep -q 'memory.ram.zst: more than the memory of the run' "$work/big.err"
	holds "... exit status 2" test "$status" -eq 2
fi
for file in info words sums serial state/cpu0; do
	rm -rf "$work/hurt"
	cp -r "$work/saved" "$work/hurt"
	rm "$work/hurt/$file"
	mkfifo "$work/hurt/$file"
	holds "a pipe in the place of $file is refused" test "$(timeout 20 "$NWSIM" snapshot "$work/hurt" 2>&1 | wc -l)" -eq 1
done

# A name with a line feed in it.
odd="$work/an odd
name.elf"
cp guests/bare/hello.elf "$odd"
whole "$odd"
at 24865000 "a guest with a line feed in its name" "$odd"
holds "what it is has one line for it" test "$("$NWSIM" snapshot "$work/saved" | sed -n '1s/.*: an odd?name.elf, saved .*/yes/p')" = yes
run kept run hello --save="$work/saved2" --save-at=0.001 --keep="$work/kept"
holds "--save and --keep cannot be combined" grep -q 'does not repeat it' "$work/kept.err"

sed -i 's/^format=.*/format=1/' "$work/saved/info"
run old run --restore="$work/saved"
holds "a run that was saved without checksums is refused" grep -q 'format 1 of saved runs; .* save the run again' "$work/old.err"
holds "... exit status 2" test "$status" -eq 2
run none run --restore="$work"
holds "a directory that is no saved run is noticed" grep -q 'not a saved run' "$work/none.err"
holds "nothing is left behind" test -z "$(find "$work" -name '.saved.*')"
plan
