# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# Images that boot guests/foreign/disk.bin, for the tests that need a disk or a CD-ROM.

# at_offset FILE OFFSET: standard input goes there
at_offset() {
	dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# disk_image FILE: its second sector begins with "orig"; the guest writes "new!" over that
disk_image() {
	truncate -s 1048576 "$1"
	at_offset "$1" 0 <guests/foreign/disk.bin
	printf '\125\252' | at_offset "$1" 510
	printf orig | at_offset "$1" 512
}

# cd_image FILE: ISO 9660 with an El Torito boot record, nothing else
cd_image() {
	truncate -s 51200 "$1"
	printf '\001CD001\001' | at_offset "$1" 32768
	printf '\000CD001\001EL TORITO SPECIFICATION' | at_offset "$1" 34816
	printf '\023' | at_offset "$1" 34887            # the boot catalog is sector 19
	printf '\377CD001\001' | at_offset "$1" 36864
	printf '\001' | at_offset "$1" 38912
	printf '\252\125\125\252' | at_offset "$1" 38940        # checksum and key bytes
	printf '\210' | at_offset "$1" 38944
	printf '\004\000\024' | at_offset "$1" 38950    # 4 blocks of 512 bytes at sector 20
	at_offset "$1" 40960 <guests/foreign/disk.bin
}
