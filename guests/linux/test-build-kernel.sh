#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# guests/linux/build-kernel on a kernel of a few lines: series and checksums, lost configuration lines,
# what another series leaves behind, and the one line of each failure.

top=$(cd "${srcdir:-$(dirname "$0")/../..}" && pwd)
# shellcheck source=sources/test-lib.sh
. "$top/sources/test-lib.sh"
unset MAKEFLAGS MFLAGS

# Its bzImage is vmx.c, added.c where there is one, and the configuration. CONFIG_GONE never survives,
# CONFIG_BACK is always set.
vmx=arch/x86/kvm/vmx/vmx.c
tree=$work/linux
mkdir -p "$tree/arch/x86/kvm/vmx" "$tree/arch/x86/boot" "$tree/scripts/kconfig" "$work/one" "$work/two"
printf 'a\nb\nc\n' >"$tree/$vmx"
cat >"$tree/Makefile" <<'EOF'
all: ; false
kernelversion: ; @echo 5.10.7
tinyconfig: ; echo CONFIG_TINY=y >.config
olddefconfig: ; sed -i /CONFIG_GONE/d .config; echo CONFIG_BACK=y >>.config
bzImage: arch/x86/boot/bzImage
arch/x86/boot/bzImage: arch/x86/kvm/vmx/vmx.c $(wildcard added.c) .config
	echo compiled >>built
	cat arch/x86/kvm/vmx/vmx.c $(wildcard added.c) .config >$@
	echo $(KBUILD_BUILD_USER) $(KBUILD_BUILD_HOST) $(KBUILD_BUILD_TIMESTAMP) >>$@
EOF
# shellcheck disable=SC2016 # the script expands it
printf '#!/bin/sh\ncat "$3" >>"$2"\n' >"$tree/scripts/kconfig/merge_config.sh"
chmod +x "$tree/scripts/kconfig/merge_config.sh"
printf 'CONFIG_KVM=y\n# CONFIG_NET is not set\n' >"$work/config"

echo 'not a patch' >"$work/one/0000-cover-letter.patch"
cat >"$work/one/0001-first.patch" <<EOF
--- a/$vmx
+++ b/$vmx
@@ -2 +2 @@
-b
+first
EOF
cat >"$work/one/0002-second.patch" <<EOF
--- a/$vmx
+++ b/$vmx
@@ -2 +2 @@
-first
+second
--- /dev/null
+++ b/added.c
@@ -0,0 +1 @@
+added
EOF
cat >"$work/two/0001-other.patch" <<EOF
--- a/$vmx
+++ b/$vmx
@@ -3 +3 @@
-c
+other
EOF

series=$work/one
build() {
	rm -f "$work/out.d/src/built"
	call "$top/guests/linux/build-kernel" --quiet --source "$tree" --config "$work/config" \
		--series "$series" --out "$work/out.d" --image "$work/image" "$@"
}

# has WORD...: the lines of the image, in this order, before its configuration.
has() {
	[ "$rc" -eq 0 ] && cmp -s "$work/out.d/bzImage" "$work/image" &&
		[ "$(sed /CONFIG_TINY/,\$d "$work/image" | tr '\n' ' ')" = "$* " ]
}

build
has a second c added
ok 'the series is applied in order, the cover letter is not' $?
grep -qx CONFIG_KVM=y "$work/image" && grep -qx 'nwsim nwsim 2025-01-01 00:00:00 UTC' "$work/image"
ok 'the fragment is merged; user, host and time of the build are fixed' $?
[ "$(grep -c '^series: [0-9a-f]\{64\} 000[12]-' "$work/out.d/build-flags.txt")" -eq 2 ] &&
	grep -q '^source: Linux 5.10.7,' "$work/out.d/build-flags.txt" && ! grep -q "$work" "$work/out.d/build-flags.txt"
ok 'flags and hashes are recorded without paths of the machine' $?
[ "$(cat "$tree/$vmx")" = "$(printf 'a\nb\nc')" ] && [ ! -e "$tree/added.c" ]
ok 'a tree given as the source stays untouched' $?
build
[ "$rc" -eq 0 ] && [ ! -e "$work/out.d/src/built" ]
ok 'nothing is built when nothing changed' $?

call "$top/guests/linux/build-kernel" --quiet --source "$tree" --config "$work/config" --series "$series" \
	--out "$work/out.d" --sums
cp "$work/out" "$work/sums"
[ "$rc" -eq 0 ] && [ "$(wc -l <"$work/sums")" -eq 3 ] && grep -qx "pre $(sum "$tree/$vmx") $vmx" "$work/sums" &&
	grep -qx "post $(sum "$work/out.d/src/added.c") added.c" "$work/sums"
ok '--sums prints the files before and after' $?
cp "$work/sums" "$series/series.sha256"
build
has a second c added
ok 'a series whose checksums hold is built' $?
sed "s/^pre [0-9a-f]*/pre $(sum "$work/config")/" "$work/sums" >"$series/series.sha256"
build
failed 3 "$vmx of Linux 5.10.7 is not what series.sha256 expects before the series"
ok 'a file that differs before the series is refused' $?
sed "s/^post [0-9a-f]* added/post $(sum "$work/config") added/" "$work/sums" >"$series/series.sha256"
build
failed 3 "added.c of Linux 5.10.7 is not what series.sha256 expects after the series"
ok 'a file that differs after the series is refused' $?
rm "$series/series.sha256"

series=$work/two
build
has a b other
ok 'another series replaces the first, the file it had added is gone' $?
echo CONFIG_MORE=y >>"$work/config"
build
has a b other && grep -qx CONFIG_MORE=y "$work/image"
ok 'a changed configuration is built' $?
printf 'x\ny\nc\n' >"$tree/$vmx"
build
has x y other
ok 'a changed source is unpacked again' $?
series=$work/one
build
failed 3 "patch 0001-first.patch does not apply without fuzz: $vmx: Hunk #1 FAILED"
ok 'a patch that does not apply is named' $?
printf 'a\nb\nc\n' >"$tree/$vmx"
build
has a second c added
ok 'the next call recovers from it' $?

printf 'CONFIG_GONE=y\n' >>"$work/config"
build
[ "$rc" -eq 3 ] && grep -q 'CONFIG_GONE=y did not survive' "$work/err" && [ "$(wc -l <"$work/err")" -eq 2 ]
ok 'a configuration line that is lost is told' $?
printf 'CONFIG_KVM=y\n# CONFIG_BACK is not set\n' >"$work/config"
build
[ "$rc" -eq 3 ] && grep -q 'CONFIG_BACK should not be set' "$work/err"
ok 'an option that comes back is told' $?
build --source "$work/none"
failed 2 'source'
ok 'a missing source is told' $?
mkdir "$work/empty"
build --source "$work/empty"
failed 3 'is no Linux source'
ok 'a tree that is no kernel is told' $?
build --series "$work/empty"
failed 2 'no \*.patch'
ok 'an empty series is told' $?
finish
