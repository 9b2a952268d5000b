# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# Shared by the command-line tests: private data directory, TAP output.
#
# NWSIM and FAKE_SIMULATOR name the programs; the defaults fit `make check` in the build directory.

set -eu

NWSIM=${NWSIM:-$PWD/tools/nwsim}
FAKE_SIMULATOR=${FAKE_SIMULATOR:-$PWD/tests/cli/fake_simulator}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
number=0

# A data root of its own: the tests do not depend on what is built or installed.
NWSIM_DATA=$work/data
TMPDIR=$work/tmp
export NWSIM_DATA TMPDIR
mkdir -p "$TMPDIR" "$NWSIM_DATA/bochs" "$NWSIM_DATA/guests/bare" "$NWSIM_DATA/guests/boot" "$NWSIM_DATA/guests/linux"
cp "$FAKE_SIMULATOR" "$NWSIM_DATA/bochs/bochs"
echo "compiler flags" >"$NWSIM_DATA/bochs/build-flags.txt"
for f in bios.rom vgabios.rom guests/boot/nwboot.rom; do
	echo "$f" >"$NWSIM_DATA/$f"
done

# A boot sector, and a Multiboot ELF file with one segment of 12 bytes, its header.
{ dd if=/dev/zero bs=510 count=1 2>/dev/null; printf '\125\252'; } >"$work/sector.bin"
{
	printf '\177ELF\1\1\1\0\0\0\0\0\0\0\0\0'        # 32 bits, little endian
	printf '\2\0\3\0\1\0\0\0\140\0\20\0\64\0\0\0'   # executable, 386, entry 0x100060, program headers at 52
	printf '\0\0\0\0\0\0\0\0\64\0\40\0\1\0\0\0\0\0\0\0' # one program header of 32 bytes
	printf '\1\0\0\0\140\0\0\0\140\0\20\0\140\0\20\0'   # PT_LOAD, offset 96, address 0x100060
	printf '\14\0\0\0\14\0\0\0\5\0\0\0\4\0\0\0'     # 12 bytes
	printf '\0\0\0\0\0\0\0\0\0\0\0\0'               # up to offset 96
	printf '\2\260\255\33\0\0\0\0\376\117\122\344'  # 0x1badb002, no flags, checksum
} >"$work/guest.elf"

# A disk of two sectors, and a bootable CD-ROM: descriptors, boot catalog in sector 19.
cp "$work/sector.bin" "$work/disk.img"
truncate -s 1024 "$work/disk.img"
put() { # FILE OFFSET: standard input goes there
	dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}
truncate -s 45056 "$work/cd.iso"
printf '\001CD001\001' | put "$work/cd.iso" 32768
printf '\000CD001\001EL TORITO SPECIFICATION' | put "$work/cd.iso" 34816
printf '\023' | put "$work/cd.iso" 34887
printf '\377CD001\001' | put "$work/cd.iso" 36864
printf '\001' | put "$work/cd.iso" 38912
printf '\252\125\125\252\210' | put "$work/cd.iso" 38940

cp "$work/guest.elf" "$NWSIM_DATA/guests/bare/listed.elf"
cp "$work/sector.bin" "$NWSIM_DATA/guests/bare/hangs.bin"
cat >"$NWSIM_DATA/guests/bare/guests.list" <<'EOF'
# name|group|options|expect|claim
listed | samples | --window 7 --threshold 8crystal --append own=1 | | a guest with options
hangs  | samples | | hung | a boot sector that hangs
absent | others  | | | a guest that is not built
EOF

ok() { # RESULT DESCRIPTION: 0 = true
	number=$((number + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $number - $2"
	else
		echo "not ok $number - $2"
	fi
}

# Runs nwsim; leaves $status, $work/out, $work/err. FAKE=behaviour of the simulator.
nwsim() {
	status=0
	NWSIM_FAKE=${FAKE:-} "$NWSIM" "$@" >"$work/out" 2>"$work/err" </dev/null || status=$?
}

result() { # STATUS DESCRIPTION
	if [ "$status" -ne "$1" ]; then
		echo "# exit status $status, expected $1"
		sed 's/^/# /' "$work/err"
		ok 1 "$2"
	else
		ok 0 "$2"
	fi
}

has() { # FILE PATTERN DESCRIPTION
	if grep -q -e "$2" "$work/$1"; then
		ok 0 "$3"
	else
		echo "# no match for: $2"
		sed 's/^/# /' "$work/$1" | head -40
		ok 1 "$3"
	fi
}

has_not() { # FILE PATTERN DESCRIPTION
	if grep -q -e "$2" "$work/$1"; then ok 1 "$3"; else ok 0 "$3"; fi
}

# Until it succeeds. The end after ten minutes is for what never comes; no speed of the machine decides.
wait_for() { # COMMAND...
	for _ in $(seq 6000); do
		! "$@" || return 0
		sleep 0.1
	done
	return 1
}

nothing_in_tmpdir() {
	[ -z "$(ls -A "$TMPDIR")" ]
}

# Nothing may be left in the directory for temporary files. The guard of a killed nwsim needs a moment.
clean() { # DESCRIPTION
	if wait_for nothing_in_tmpdir; then ok 0 "$1"; else ok 1 "$1"; fi
}

done_testing() {
	echo "1..$number"
}
