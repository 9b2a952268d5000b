# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What sources/fetch, cpu/vmx/build-bochs and guests/linux/build-kernel share: the exit codes, the
# one-line failure, checksums, free space, unpacking. Sourced by bash; the caller sets $self.

# shellcheck disable=SC2034 # used by the scripts that source this file
E_USAGE=2	# wrong option, name or lock file
E_CONTENT=3	# a checksum differs, a patch or a configuration line does not apply
E_GONE=4	# neither the mirror nor a local copy has it
E_WRITE=5	# a directory cannot be written, or the disk is full
E_TOOL=6	# a program or key of the machine is missing
E_BUILD=7	# configure, the compiler or the linker failed

# die CODE TEXT: the one line of a failure on stderr, then exit.
die() {
	local code=$1
	shift
	printf '%s: error: %s\n' "${self:?}" "$*" >&2
	exit "$code"
}

# note TEXT: progress on stderr, silenced by --quiet.
note() {
	[ -n "${quiet:-}" ] || printf '%s: %s\n' "${self:?}" "$*" >&2
}

# tell TEXT: what the user must hear even with --quiet.
tell() {
	printf '%s: %s\n' "${self:?}" "$*" >&2
}

# need_tool PROGRAM PACKAGE
need_tool() {
	command -v "$1" >/dev/null 2>&1 || die "$E_TOOL" "$1 is missing: install the Debian package $2"
}

# sha256_of FILE
sha256_of() {
	sha256sum <"$1" | cut -d ' ' -f 1
}

# identity_of PATH: what a file or a tree is, as one checksum. A tree counts by name, size and time
# of its files: reading all of a kernel at each make would cost more than it is worth.
identity_of() {
	if [ -d "$1" ]; then
		(cd "$1" && find . -type f -printf '%p %s %T@\n' | LC_ALL=C sort) | sha256sum | cut -d ' ' -f 1
	else
		sha256_of "$1"
	fi
}

# need_space DIR BYTES: DIR exists, can be written and has room.
need_space() {
	local dir=$1 bytes=$2 free
	if ! mkdir -p "$dir" 2>/dev/null || [ ! -w "$dir" ]; then
		die "$E_WRITE" "cannot write to the directory $dir (read-only, or owned by somebody else)"
	fi
	free=$(df -P -k "$dir" | awk 'NR == 2 { print $4 }')
	[ "$((free * 1024))" -ge "$bytes" ] ||
		die "$E_WRITE" "disk full: $dir needs $(((bytes + 1048575) / 1048576)) MiB free, has $((free / 1024)) MiB"
}

# unpack SOURCE DIR: the tree of a tarball, of the tarball in a .deb, or a copy of a tree, as DIR.
unpack() {
	local source=$1 dir=$2
	rm -rf "$dir"
	mkdir -p "$dir"
	case $source in
	*.deb)
		dpkg-deb --fsys-tarfile "$source" | tar -xO --wildcards './usr/src/*.tar.xz' |
			tar -xJ -C "$dir" --strip-components=1
		;;
	*)
		if [ -d "$source" ]; then
			cp -a --reflink=auto "$source/." "$dir/"
		else
			tar -xf "$source" -C "$dir" --strip-components=1
		fi
		;;
	esac
}

# apply_patch FILE NAME TREE: no fuzz; NAME is how the message calls it.
apply_patch() {
	local said rc=0
	said=$(LC_ALL=C patch -p1 --fuzz=0 --forward --no-backup-if-mismatch -r - -d "$3" -i "$1" 2>&1 </dev/null) || rc=$?
	[ "$rc" -ne 0 ] || return 0
	die "$E_CONTENT" "patch $2 does not apply without fuzz: $(printf '%s\n' "$said" | awk '
		/^patching file/ { file = $3 ": " }
		/FAILED|No file|malformed|Only garbage|previously applied|Read-only|No space/ { print file $0; found = 1; exit }
		{ last = $0 }
		END { if (!found) print last }')"
}

# explain_log LOG: the first line of a log that says what went wrong.
explain_log() {
	if grep -q 'No space left on device' "$1"; then
		echo "disk full"
	else
		grep -E 'error:|Error |undefined reference|not found' "$1" | grep -v -m 1 "error: in \`" || tail -n 1 "$1"
	fi
}

# jobs_flag: how make is to run in parallel: as the make above us decided, else on all processors.
jobs_flag() {
	case " ${MAKEFLAGS:-} " in
	*--jobserver*) ;;
	*) echo "-j$(nproc)" ;;
	esac
}

# ccache_prefix: "ccache " where ccache is there and can write its directory, else nothing.
ccache_prefix() {
	local dir
	dir=$(ccache --get-config cache_dir 2>/dev/null) || return 0
	if mkdir -p "$dir" 2>/dev/null && [ -w "$dir" ]; then
		echo "ccache "
	fi
}
