#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# guests/distro/build-initramfs with packages made here: what it refuses, and the order of the modules.

top=$(cd "${srcdir:-$(dirname "$0")/../..}" && pwd)
# shellcheck source=sources/test-lib.sh
. "$top/sources/test-lib.sh"

# package NAME: packs $work/NAME, a tree, as $work/NAME.deb.
package() {
	mkdir -p "$work/$1/DEBIAN"
	printf 'Package: %s\nVersion: 1\nArchitecture: all\nMaintainer: x <x@example.invalid>\nDescription: x\n' "$1" >"$work/$1/DEBIAN/control"
	dpkg-deb --root-owner-group -Znone -b "$work/$1" "$work/$1.deb" >/dev/null
}

# module FILE DEPENDS: an object file with nothing but that in .modinfo.
module() {
	mkdir -p "$(dirname "$1")"
	printf '.section .modinfo,"a"\n.asciz "license=GPL"\n.asciz "depends=%s"\n' "$2" | as -o "$1" -
}

run() {
	call "$top/guests/distro/build-initramfs" --quiet --init /dev/null --mkinitramfs "$work/mkinitramfs" --out "$work/result" "$@"
}

# In place of mkinitramfs: keeps the list of modules.
cat >"$work/mkinitramfs" <<'EOF'
#!/bin/sh
cp "$3/modules/list" "$1"
EOF
chmod +x "$work/mkinitramfs"

run
failed 2 'are needed'
ok 'no package is a usage error' $?
run --deb "$work/none.deb"
failed 2 'no such file'
ok 'a package that does not exist is a usage error' $?
echo x >"$work/bad.deb"
run --deb "$work/bad.deb"
failed 3 'is not a Debian package'
ok 'a file that is no package is refused' $?
mkdir -p "$work/empty/usr"
package empty
run --deb "$work/empty.deb"
failed 3 'a linux-image package is expected'
ok 'a package without a kernel is refused' $?

k=$work/image/lib/modules/1/kernel
mkdir -p "$work/image/boot"
echo kernel >"$work/image/boot/vmlinuz-1-test"
module "$k/arch/x86/kvm/kvm-intel.ko" kvm
module "$k/arch/x86/kvm/kvm.ko" irqbypass
package image
run --deb "$work/image.deb"
failed 3 'has no module irqbypass'
ok 'a module that is missing is named' $?
module "$k/virt/lib/irqbypass.ko" ''
xz "$k/virt/lib/irqbypass.ko"
package image
run --deb "$work/image.deb"
[ "$rc" -eq 0 ] && [ "$(tr '\n' ' ' <"$work/result/initrd")" = 'irqbypass.ko kvm.ko kvm_intel.ko ' ] &&
	[ "$(cat "$work/result/release")" = 1-test ] && cmp -s "$work/result/vmlinuz" "$work/image/boot/vmlinuz-1-test"
ok 'modules come behind what they depend on, packed or not' $?
finish
