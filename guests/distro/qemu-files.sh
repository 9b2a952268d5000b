# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What an initramfs needs to run the machine's QEMU: sourced by build-initramfs and guests/linux/build-selftests. The caller has
# set $stage, the initramfs's directory, $init and $mkinitramfs.

# shellcheck disable=SC2154 # set by the caller
qemu_program=/usr/bin/qemu-system-x86_64

# add_file PATH: a file of this machine, at the same place; a link is followed.
add_file() {
	[ -r "$1" ] || die "$E_CONTENT" "no $1: install the Debian packages qemu-system-x86 and seabios"
	mkdir -p "$stage$(dirname "$1")"
	cp -L "$1" "$stage$1"
}

# add_program PATH: with the dynamic linker and the libraries that ldd names.
add_program() {
	local library
	add_file "$1"
	for library in $(ldd "$1" | grep -o '/[^ ]*'); do
		add_file "$library"
	done
}

# add_qemu KERNEL DIR RULES: QEMU, and a guest with this kernel and an initramfs of our init, these rules and the files of DIR.
# Where Debian's QEMU looks for the firmware that a PC without display and disks loads.
add_qemu() {
	local name dir
	[ -x "$qemu_program" ] || die "$E_TOOL" "$qemu_program is missing: install the Debian package qemu-system-x86"
	add_program "$qemu_program"
	for name in bios-256k.bin kvmvapic.bin linuxboot_dma.bin; do
		for dir in /usr/share/seabios /usr/share/qemu; do
			if [ -r "$dir/$name" ]; then
				add_file "$dir/$name"
				break
			fi
		done
	done
	mkdir -p "$stage/l1" "$2"
	cp "$3" "$2/kernel-log.rules"
	cp "$1" "$stage/l1/vmlinuz"
	"$mkinitramfs" "$stage/l1/initrd" "$init" "$2"
}
