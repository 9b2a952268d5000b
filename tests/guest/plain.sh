#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The guests are plain Multiboot kernels: another virtual machine starts them, and without VMX or the simulator's ports they
# say so on the serial line or, without one, on the VGA screen. Needs qemu-system-x86_64, which has no VMX without KVM; and
# grub-mkrescue for the menu entry of docs/real-silicon.md, from firmware to report.

. "${srcdir:-.}/tests/guest/lib.sh"

QEMU=${QEMU:-qemu-system-x86_64}
bare=$PWD/guests/bare
if ! command -v "$QEMU" >/dev/null; then
	echo "1..0 # SKIP no $QEMU"
	exit 0
fi

# plain GUEST OPTION...: runs it until its report has a plan, or for half a minute; the report in $work/serial.
plain() {
	guest=$1
	shift
	rm -f "$work/serial"
	"$QEMU" -accel tcg -cpu max -m 128 -display none -monitor none -no-reboot -kernel "$bare/$guest.elf" "$@" \
		-serial "file:$work/serial" </dev/null >/dev/null 2>&1 &
	pid=$!
	for _ in $(seq 300); do
		if grep -q '^1\.\.\|^Bail' "$work/serial" 2>/dev/null; then break; fi
		sleep 0.1
	done
	kill "$pid" 2>/dev/null || :
	wait "$pid" 2>/dev/null || :
	tr -d '\r' <"$work/serial" >"$work/report" || :
}

for guest in ac-loop vmcs-field vmcs-secondary vmcs-window measure entry-controls entry-injection; do
	plain "$guest"
	holds "$guest: says that there is no VMX" grep -q '^1\.\.0 # SKIP CPU lacks VMX$' "$work/report"
done
plain smp-vmcs -smp 2
holds "smp-vmcs: starts the other CPU, and says that there is no VMX" grep -q '^1\.\.0 # SKIP CPU lacks VMX$' "$work/report"
plain hello -append 'window=77'
holds "hello: the kit works" grep -q '^ok 2 - EFER.LMA is set$' "$work/report"
holds "hello: and has its command line" grep -q 'window=77' "$work/report"
plain hello -append 'hardware=1'
holds "hello: hardware=1 is accepted" grep -q '^ok 2 - EFER.LMA is set$' "$work/report"
plain magic-nop
holds "magic-nop: what is the simulator's is skipped" grep -q '^1\.\.0 # SKIP\|# SKIP' "$work/report"

# Without a serial line: the text is on the screen.
{
	sleep 4
	echo "pmemsave 0xb8000 4000 \"$work/vga\""
	echo quit
} | "$QEMU" -accel tcg -cpu max -m 128 -display none -serial none -monitor stdio -no-reboot -kernel "$bare/measure.elf" \
	>/dev/null 2>&1 || :
tr '\007' '\n' <"$work/vga" | tr -d '\n\000' >"$work/screen" || :
holds "measure: without a serial line its report is on the screen" grep -q '1\.\.0 # SKIP CPU lacks VMX' "$work/screen"

if command -v grub-mkrescue >/dev/null && command -v xorriso >/dev/null; then
	mkdir -p "$work/iso/boot/grub"
	cp "$bare/measure.elf" "$work/iso/boot"
	{
		echo "set timeout=0"
		sed -n 's/^    //; /^menuentry/,/^}/p' "${srcdir:-.}/docs/real-silicon.md"
	} >"$work/iso/boot/grub/grub.cfg"
	grub-mkrescue -o "$work/measure.iso" "$work/iso" >/dev/null 2>&1 || :
	run grub run "$work/measure.iso"
	claim "$status" "measure: started by GRUB from a CD-ROM as docs/real-silicon.md says"
	holds "measure: and its report is that of any other start" grep -q '^# report: threshold 131072 crystal' "$work/grub.out"
else
	claim 0 "measure: started by GRUB from a CD-ROM # SKIP no grub-mkrescue or no xorriso"
fi
plan
