#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Kernels, disks and CD-ROMs that know nothing of nwsim: what they find, and what their end means.

. "${srcdir:-.}/tests/guest/lib.sh"
. "${srcdir:-.}/tests/guest/media.sh"

dir=guests/foreign
if [ ! -f "$dir/machine.elf" ]; then
	echo "1..0 # SKIP no guests: make foreign-guests"
	exit 0
fi

# bytes FILE OFFSET COUNT
bytes() {
	dd if="$1" bs=1 skip="$2" count="$3" status=none
}

# passes NAME TEXT ARGUMENT...: exit status 0, at least one claim and none that failed
passes() {
	name=$1
	text=$2
	shift 2
	run "$name" run "$@"
	claim "$status" "$text"
	sed -n 's/^FAIL: /# FAIL: /p' "$work/$name.out"
}

# ends WORD STATUS VERDICT TEXT: the guest `ends' with this word
ends() {
	word=$1
	want=$2
	verdict=$3
	what=$4
	status=0
	"$NWSIM" run "$guard" "$dir/ends.elf" --append "$word" --time-limit 0.1 >"$work/ends.out" 2>&1 </dev/null || status=$?
	holds "$what: exit status $want" test "$status" -eq "$want"
	holds "$what: $verdict" grep -q "^nwsim: ends.elf: $verdict" "$work/ends.out"
}

# ---- Multiboot ---------------------------------------------------------------------------------------------

printf 0123456789 >"$work/first"
: >"$work/second"
truncate -s 100000000 "$work/second"
printf 'end!' >>"$work/second"

passes machine "Multiboot, fw_cfg, test device, interrupts" "$dir/machine.elf" --append word=1
holds "PASS lines are there" grep -q '^PASS: fw_cfg: DMA reads an item' "$work/machine.out"
passes modules "two modules, one of 100 MB, and 4 processors" "$dir/machine.elf" --cpus 4 --memory 256 \
	--initrd "$work/first,one two=2" --initrd "$work/second" --append "word=1 modules big"
holds "4 processors were started" grep -q '^processors: 4 of 4' "$work/modules.out"
run plain run --platform pc "$dir/machine.elf" --append word=1 --expect fail
claim "$status" "--platform pc: no fw_cfg and no test device"
holds "--platform pc: reads there give all ones" grep -q '^FAIL: fw_cfg: signature' "$work/plain.out"

passes long "64-bit code in a 32-bit ELF" "$dir/long.elf"
passes long64 "a 64-bit ELF, entered with 32 bits" "$dir/long64.elf"
passes high "RAM above 4 GiB" "$dir/long.elf" --memory 5000 --append high
holds "all of it" grep -q '^5000 MiB' "$work/high.out"
passes hole "RAM up to the hole below 4 GiB" "$dir/long.elf" --memory 3072
passes kludge "a file that is no ELF" "$dir/kludge.bin"
holds "it ran" grep -q '^kludge: here I am' "$work/kludge.out"

# ---- Ends --------------------------------------------------------------------------------------------------

ends return 0 pass "code 0"
for size in 8 16 32; do
	ends exit$size 1 fail "code 133 written with $size bits"
	holds "code 133 is shown" grep -q 'exit code 133' "$work/ends.out"
done
ends shutdown 1 power_off "Shutdown to port 8900H"
ends keyboard 1 reset "reset by the keyboard controller"
ends port92 1 reset "reset by port 92H"
ends cf9 1 reset "reset by port CF9H"
ends triple 1 shutdown "triple fault"
ends hang 1 time_limit "no end"
status=0
"$NWSIM" run "$guard" "$dir/ends.elf" --append exit8 --exit-status guest >"$work/ends.out" 2>&1 || status=$?
holds "--exit-status guest: the code" test "$status" -eq 133

# ---- Disk and CD-ROM ---------------------------------------------------------------------------------------

disk=$work/disk.img
disk_image "$disk"
cp "$disk" "$work/before.img"
run disk run "$disk"
claim "$status" "a disk boots, and what it writes can be read"
holds "its boot sector ran" grep -q '^boot sector: here I am' "$work/disk.out"
holds "the image is unchanged" cmp "$disk" "$work/before.img"
run again run --disk "$disk"
claim "$status" "--disk without a guest boots it, again from the start"
run written run --disk "$disk" --disk-write
claim "$status" "--disk-write"
holds "the image has the guest's changes" test "$(bytes "$disk" 512 4)" = 'new!'
run refused run "$disk" --expect fail
claim "$status" "and the next run sees them"

iso=$work/cd.iso
cd_image "$iso"
run cd run "$iso"
claim "$status" "a CD-ROM boots"
holds "its boot image ran" grep -q '^boot sector: here I am' "$work/cd.out"
plan
