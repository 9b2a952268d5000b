#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Wrong command lines: exit status 2, one line that says what is accepted or how to go on, and no simulator started.

. "${srcdir:-.}/tests/cli/lib.sh"
FAKE=pass

refused() { # PATTERN ARGUMENTS...
	pattern=$1
	shift
	nwsim "$@"
	if [ "$status" -eq 2 ] && grep -q -e "$pattern" "$work/err" && [ "$(wc -l <"$work/err")" -eq 1 ] &&
		[ ! -s "$work/out" ]; then
		ok 0 "refused: $*"
	else
		echo "# status $status, expected 2 and one line like: $pattern"
		sed 's/^/# /' "$work/err" "$work/out"
		ok 1 "refused: $*"
	fi
}

guest=$work/guest.elf
truncate -s 1024 "$work/data.img"
truncate -s 67108864 "$work/large"
printf '\037\213' | cat - "$guest" >"$work/guest.gz"
printf 'QFI\373' | cat - "$work/disk.img" >"$work/qcow2"
cp "$work/cd.iso" "$work/data.iso"
printf '\002' | put "$work/data.iso" 34816
mkfifo "$work/fifo" # stands for /dev/null and the like, which a rename would replace

refused 'a command is missing' --
refused "no command 'walk'; the commands are" walk
refused 'GUEST is missing; .nwsim list' run
refused 'only one guest' run "$guest" "$guest"
refused "no guest 'nosuch'; .nwsim list" run nosuch
refused 'guest absent is not built.*quickstart' run absent
refused 'guest ./nosuch: No such file' run ./nosuch
refused 'not a readable regular file' run "$work/"
refused '0..4294967295' run --window 4294967296 "$guest"
refused '0..4294967295' run --window -1 "$guest"
refused '0..4294967295' run --window '' "$guest"
refused '0..4294967295' run --window 1k "$guest"
refused 'crystal or tsc' run --threshold 12ms "$guest"
refused 'threshold, threshold_unit, ' run --param nosuch=1 "$guest"
refused 'give NAME=VALUE' run --param threshold "$guest"
refused 'one of image, before' run --param saved_rf=7 "$guest"
refused 'stall rule' run --stall nonsense "$guest"
refused 'cpu=1 is not accepted; 0..0' run --stall phase=iret,clocks=1,cpu=1 "$guest"
refused 'cpu=2 is not accepted; 0..1' run --stall phase=iret,clocks=1,cpu=2 --cpus 2 "$guest"
# shellcheck disable=SC2016 # the '$' is meant
refused 'no control characters' run --stall 'phase=instruction,opcode=A$B,clocks=1' "$guest"
refused 'more than 1800 characters' run --append "$(printf '%01801d' 0)" "$guest"
refused 'printable ASCII' run --append "a	b" "$guest"
refused 'the simulator has sapphire_rapids, ' run --cpu z80 "$guest"
refused '1000000..4294967295' run --ips 999999 "$guest"
refused '1..8' run --cpus 9 "$guest"
refused '1..8' run --cpus 0 "$guest"
refused '1..8' run --cpus 2x "$guest"
refused '1..8' linux --cpus -1
refused '1..1024' run --quantum 0 "$guest"
refused '1..1024' run --quantum 1025 "$guest"
refused '1..1024' run --quantum '' "$guest"
refused '1..1024' linux --quantum 0x10000
refused '8..65536' run --memory 65537 "$guest"
refused '8..65536' run --memory 4 "$guest"
refused 'at most 6 decimals' run --time-limit 0.0000001 "$guest"
refused 'seconds 0..1000000' run --time-limit 1e3 "$guest"
refused '.-host-limit: .* at most 6 decimals' run --host-limit -1 "$guest"
refused '.-host-limit: .*seconds 0..1000000' linux --host-limit 1000001
refused "'host_limit' is not accepted" run --expect host_limit "$guest"
refused 'give fast or baud' run --uart slow "$guest"
refused 'give jump or step' run --idle nap "$guest"
refused 'one of pass, fail' run --expect good "$guest"
refused 'give guest or verdict' run --exit-status mine "$guest"
refused '.-trace .*create it first' run --trace "$work/nosuch/t.nwt" "$guest"
refused '.-trace .*regular file' run --trace "$work/fifo" "$guest"
refused '.-log .*regular file' run --log "$work" "$guest"
refused 'no boot sector' run --disk "$work/data.img"
refused 'whole sectors of 512 bytes' run --disk "$guest"
refused '.-disk FILE is missing' run --disk-write "$guest"
refused '.-disk .*No such file' run --disk "$work/nosuch"
refused '.-disk cannot be combined' run --disk "$work/disk.img" "$work/disk.img"
refused 'brings its own kernel' run --append word "$work/cd.iso"
refused 'brings its own kernel' run --initrd "$guest" --disk "$work/disk.img"
refused 'compressed with gzip: unpack' run "$work/guest.gz"
refused 'a qcow2 image: ' run --disk "$work/qcow2"
refused 'without an El Torito' run "$work/data.iso"
refused 'not an ISO 9660 image' linux --iso "$guest"
refused 'not a guest: ' run "$work/data.img"
refused '.-initrd .*No such file' run --initrd "$work/nosuch,words" "$guest"
set --
for i in $(seq 33); do set -- "$@" "--initrd=$i"; done
refused 'more than 32 modules' run "$@" "$guest"
refused 'module of 0x4000000 bytes does not fit' run --initrd "$work/large" "$guest"
refused 'give pc or test' run --platform qemu "$guest"
refused 'directory is not empty' run --keep "$work" "$guest"
refused 'simulator .*No such file' run --simulator "$work/nosuch" "$guest"
refused 'not an executable file' run --simulator "$guest" "$guest"
refused 'Linux kernel not found.*: run ./quickstart, or' linux
refused 'Linux kernel not found.*: run ./quickstart, or' linux --kernel-series 5.10
refused 'Linux kernel not found.*: run ./quickstart check, or make -C build kvm, or' linux --kernel-series 6.1-stock
refused 'Linux kernel not found.*: run make -C build kvm KVM_DEBUG=1, or' linux --kernel-series 5.10-debug
cp "$guest" "$NWSIM_DATA/guests/linux/bzImage-5.10"
refused 'selftests-5.10.cpio.: run ./quickstart check, or make -C build kvm, or' linux --selftests all
refused 'initramfs.cpio.: run ./quickstart, or' linux
rm "$NWSIM_DATA/guests/linux/bzImage-5.10"
refused '.-kernel-series: 5.10, 6.1 or 6.1-stock, each also with -debug' linux --kernel-series 5.4
refused '.-kernel-series: 5.10, 6.1 or 6.1-stock' linux --kernel-series 6.1-
refused '.-kernel-series names a kernel of the build' linux --kernel-series 6.1 --kernel "$guest"
refused '.-selftests: names with commas' linux --selftests 'a b'
refused '.-selftests needs a kernel of the build' linux --selftests all --initrd "$guest"
refused '.-levels: stall or db-loop is accepted' linux --levels ac-loop
refused '.-levels brings its own guests' linux --levels stall --window 5
refused '.-kernel takes a bzImage' linux --kernel "$guest" --initrd "$guest"
refused 'cannot be combined' linux --iso "$guest" -- word
refused 'give dump FILE or summary FILE' trace
refused 'give dump FILE or summary FILE' trace show x
refused 'FILE is missing' trace dump
refused 'no --json' trace dump --json "$guest"
refused 'guest.elf: ' trace dump "$guest"
refused 'for trace dump' trace summary --type gap "$guest"
refused '.-cpu: .*0..255' trace dump --cpu 256 "$guest"
refused '.-from: .*give a number' trace dump --from 1.5 "$guest"
refused '.-to: .*give a number' trace dump --to '' "$guest"
FAKE=pass nwsim run --trace "$work/types.nwt" "$guest"
refused "no type 'exit'; it has vm_entry, vm_exit, " trace dump --type expiry,exit "$work/types.nwt"
refused "no type ''; it has " trace dump --type '' "$work/types.nwt"
refused 'guest.elf: ' trace summary "$guest"
refused 'FILE is missing' coverage
refused 'bins or pairs' coverage --require=all "$guest"
refused 'guest.elf: ' coverage "$guest"

TMPDIR=$work/nosuch refused 'set TMPDIR' run "$guest"

printf '\177ELF garbage' >"$work/none"
chmod +x "$work/none"
refused 'cannot start the simulator .*: Exec format error; run ./quickstart' run --simulator "$work/none" "$guest"
cp "$FAKE_SIMULATOR" "$work/busy"
exec 8>>"$work/busy"
refused 'cannot start the simulator .*: Text file busy$' run --simulator "$work/busy" "$guest"
exec 8>&-

# What argp itself finds.
for command in run linux list params trace coverage snapshot; do
	refused "nwsim $command: unrecognized option '--nosuch'" $command --nosuch
done
refused "nwsim: unrecognized option '--nosuch'" --nosuch
refused "option '--window' requires an argument" run --window
refused "option '--json' doesn't allow an argument" run --json=3
refused "option '--s.*' is ambiguous" run --s
for command in list params 'trace dump a' 'snapshot a'; do
	# shellcheck disable=SC2086 # two words
	refused "Too many arguments; .nwsim ${command%% *} --help' shows" $command x
done

echo 'listed|samples|--cpu|pass' >"$NWSIM_DATA/guests/bare/guests.list"
refused 'guests.list:1: expected name|group|options|expect|claim' list
printf 'a|b||pass|c\na|b||pass|c\n' >"$NWSIM_DATA/guests/bare/guests.list"
refused 'guests.list:2: .* not unique' list
echo 'a|b||well|c' >"$NWSIM_DATA/guests/bare/guests.list"
refused "guests.list:1: expectation 'well' is not one of pass" list
echo 'listed|samples|--cpu z80|pass|c' >"$NWSIM_DATA/guests/bare/guests.list"
refused 'guests.list: listed: --cpu: no model' run listed
echo 'listed|samples|/bin/true|pass|c' >"$NWSIM_DATA/guests/bare/guests.list"
refused 'guests.list: listed: .*only options' run listed
rm "$NWSIM_DATA/guests/bare/guests.list"
cp "$work/guest.elf" "$NWSIM_DATA/bios.rom"
rm "$NWSIM_DATA/guests/boot/nwboot.rom"
refused 'option ROM .*quickstart' run "$guest"
rm "$NWSIM_DATA/bochs/bochs"
refused 'simulator not found.*quickstart' run "$guest"
clean "no temporary files are left"
done_testing
