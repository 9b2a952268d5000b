#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# sources/fetch without a network: an apt-get of our own stands first in PATH and plays the mirror.

top=$(cd "${srcdir:-$(dirname "$0")/..}" && pwd)
# shellcheck source=sources/test-lib.sh
. "$top/sources/test-lib.sh"

unset NWSIM_CACHE
export NWSIM_RETRY_WAIT=0 PATH="$work/bin:$PATH" FAKE=$work/mirror

run() {
	call "$top/sources/fetch" --lock "$work/lock" "$@"
}

# gave FILE: success, and the last line on stdout is that path.
gave() {
	[ "$rc" -eq 0 ] && [ "$(tail -n 1 "$work/out")" = "$1" ]
}

# What the mirror holds: a source tarball, version 1 and version 2 of a .deb.
mkdir -p "$work/bin" "$FAKE"
echo 'simulator' >"$FAKE/sim_1.orig.tar.xz"
echo 'kernel, version one' >"$FAKE/linux-source-5.10_5.10.1-1_all.deb"
echo 'kernel, version two' >"$FAKE/linux-source-5.10_5.10.2-1_all.deb"
echo 'tarball in the kernel package' >"$work/linux.tar.xz"
deb=linux-source-5.10_5.10.1-1_all.deb
other=linux-source-5.10_5.10.2-1_all.deb
echo 'image, version one' >"$FAKE/linux-image-6.1.0-1-amd64_6.1.1-1_amd64.deb"
echo 'image, version two' >"$FAKE/linux-image-6.1.0-2-amd64_6.1.2-1_amd64.deb"
image=linux-image-6.1.0-1-amd64_6.1.1-1_amd64.deb
next_image=linux-image-6.1.0-2-amd64_6.1.2-1_amd64.deb
cat >"$work/lock" <<EOF
# a comment
sim source trixie main sim 1-1 sim_1.orig.tar.xz 10 $(sum "$FAKE/sim_1.orig.tar.xz") - -
linux deb bullseye-security security linux-source-5.10 5.10.1-1 $deb 20 $(sum "$FAKE/$deb") usr/src/l.tar.xz $(sum "$work/linux.tar.xz")
image image bookworm-security security linux-image-6.1.0-1-amd64 6.1.1-1 $image 20 $(sum "$FAKE/$image") linux-image-amd64 -
huge source trixie main huge 1-1 huge.tar.xz 900000000000000 $(sum "$FAKE/$deb") - -
broken source trixie
EOF

# $FAKE/fail-N: so many calls of update still fail. $FAKE/version: the deb that the index has.
cat >"$work/bin/apt-get" <<'EOF'
#!/bin/bash
echo "$*" >>"$FAKE/calls"
file=$(cat "$FAKE/version")
case " $* " in
*" indextargets "*)
	echo 'Debian|bookworm|main|http://mirror.invalid/debian/'
	;;
*" --print-uris --tar-only source "*)
	echo "'http://mirror.invalid/sim' sim_1.orig.tar.xz 10 SHA256:$(sha256sum <"$FAKE/sim_1.orig.tar.xz" | cut -d ' ' -f 1)"
	;;
*" --print-uris download "*)
	case $* in
	*linux-image-6.1.0-1-amd64=6.1.1-1) [ "$file" = linux-image-6.1.0-1-amd64_6.1.1-1_amd64.deb ] || exit 100 ;;
	*linux-image-6.1.0-1-amd64) exit 100 ;;
	*=5.10.1-1) [ "$file" = linux-source-5.10_5.10.1-1_all.deb ] || { echo "E: Version '5.10.1-1' was not found"; exit 100; } ;;
	esac
	echo "'http://mirror.invalid/deb' $file 20 SHA256:$(sha256sum <"$FAKE/$file" | cut -d ' ' -f 1)"
	;;
*" update "*)
	for i in "$@"; do case $i in -c=*) cp "$(dirname "${i#-c=}")/sources.list" "$FAKE/list" ;; esac; done
	left=$(cat "$FAKE/fail")
	[ "$left" -eq 0 ] && exit 0
	echo $((left - 1)) >"$FAKE/fail"
	cat "$FAKE/says"
	exit 100
	;;
*" source "*) cp "$FAKE/sim_1.orig.tar.xz" . ;;
*" download "*) cp "$FAKE/$file" . ;;
*) exit 99 ;;
esac
EOF
# $FAKE/meta: what the metapackage depends on.
cat >"$work/bin/apt-cache" <<'EOF'
#!/bin/bash
echo "$*" >>"$FAKE/calls"
[ ! -s "$FAKE/meta" ] || printf 'Package: %s\nVersion: 6.1.2-1\nDepends: %s (= 6.1.2-1)\n' "${!#}" "$(cat "$FAKE/meta")"
EOF
chmod +x "$work/bin/apt-get" "$work/bin/apt-cache"

# mirror FAILURES DEB-FILE
mirror() {
	echo "$1" >"$FAKE/fail"
	echo "$2" >"$FAKE/version"
	: >"$FAKE/calls"
	echo 'E: Failed to fetch http://mirror.invalid/debian/x  Could not connect to mirror.invalid:80' >"$FAKE/says"
}
mirror 0 "$deb"
cache=$work/cache

run
failed 2 'which source'
ok 'no name is a usage error' $?
run nothing --cache "$cache"
failed 2 "unknown source 'nothing'; the lock file has: sim linux image huge broken"
ok 'an unknown name is refused and the known ones are told' $?
run broken --cache "$cache"
failed 2 'malformed'
ok 'a malformed line of the lock file is refused' $?
run sim --cache
failed 2 '--cache needs a value'
ok 'an option without its value is refused' $?

run sim --local "$FAKE/sim_1.orig.tar.xz"
gave "$FAKE/sim_1.orig.tar.xz"
ok 'a local copy with the locked checksum is accepted' $?
run linux --local "$work/linux.tar.xz"
gave "$work/linux.tar.xz"
ok 'the tarball inside the deb is accepted as well' $?
run sim --local "$FAKE/$deb"
failed 3 'is not that of sim_1.orig.tar.xz'
ok 'a local copy with another checksum is refused' $?
run sim --local "$work/none"
failed 3 'no such file'
ok 'a local copy that does not exist is refused' $?
[ ! -s "$FAKE/calls" ]
ok 'nothing of this asked apt' $?

run sim --cache "$cache" --quiet
gave "$cache/sim_1.orig.tar.xz" && [ ! -s "$work/err" ] && cmp -s "$FAKE/sim_1.orig.tar.xz" "$cache/sim_1.orig.tar.xz"
ok 'a source is fetched, --quiet says nothing' $?
grep -qx 'deb-src \[signed-by=[^ ]*\] http://mirror.invalid/debian trixie main' "$FAKE/list"
ok "a source package is asked for in its suite at the machine's own mirror" $?
[ ! -e "$cache/apt/sim" ]
ok 'the private apt state is gone afterwards' $?
mirror 0 "$deb"
run sim --cache "$cache"
gave "$cache/sim_1.orig.tar.xz" && [ ! -s "$FAKE/calls" ]
ok 'a cached file is used without asking apt' $?
echo 'damage' >>"$cache/sim_1.orig.tar.xz"
run sim --cache "$cache"
gave "$cache/sim_1.orig.tar.xz" && cmp -s "$FAKE/sim_1.orig.tar.xz" "$cache/sim_1.orig.tar.xz" && grep -q 'damaged' "$work/err"
ok 'a damaged cached file is fetched again' $?
echo 'damage' >>"$cache/sim_1.orig.tar.xz"
mirror 9 "$deb"
run sim --cache "$cache" --quiet
failed 4 'no network to the mirror'
ok 'a damaged cached file is never given out without a network' $?
[ "$(grep -c ' update' "$FAKE/calls")" -eq 3 ]
ok 'three tries are made' $?
grep -qi 'mirror.invalid' "$work/err"
[ $? -eq 1 ]
ok 'the address of the mirror is not repeated' $?
mirror 2 "$deb"
run sim --cache "$cache" --quiet
gave "$cache/sim_1.orig.tar.xz"
ok 'the third try succeeds after two failures' $?

mirror 0 "$deb"
run linux --cache "$cache" --quiet
gave "$cache/$deb" && [ ! -s "$work/err" ]
ok 'the locked kernel is preferred' $?
grep -qx 'deb \[check-valid-until=no signed-by=[^ ]*\] http://mirror.invalid/debian-security bullseye-security main' \
	"$FAKE/list"
ok 'without a security entry its mirror root is derived; only bullseye may have expired' $?
rm "$cache/$deb"
mirror 0 "$other"
run linux --cache "$cache" --quiet
gave "$cache/$other" && grep -q 'using 5.10.2-1, which apt verified' "$work/err"
ok 'another kernel of the series is accepted, and said so, even with --quiet' $?
mirror 9 "$other"
run linux --cache "$cache" --quiet
gave "$cache/$other" && grep -q 'using 5.10.2-1' "$work/err" && [ ! -s "$FAKE/calls" ]
ok 'the accepted kernel is found again in the cache' $?
echo 'damage' >>"$cache/$other"
run linux --cache "$cache" --quiet
failed 4 "cannot download $deb"
ok 'a damaged accepted kernel is not given out' $?

mirror 0 "$image"
run image --cache "$cache" --quiet
gave "$cache/$image" && [ ! -s "$work/err" ]
ok 'the locked kernel package is preferred' $?
rm "$cache/$image"
mirror 0 "$next_image"
: >"$FAKE/meta"
run image --cache "$cache" --quiet
failed 4 "cannot download $image"
ok 'without a successor a kernel package that is gone cannot be had' $?
echo linux-image-6.1.0-2-amd64 >"$FAKE/meta"
run image --cache "$cache" --quiet
gave "$cache/$next_image" && grep -q 'linux-image-6.1.0-1-amd64 6.1.1-1 is not in bookworm-security any more: using 6.1.2-1' "$work/err"
ok 'the package that its metapackage names today takes its place, and that is said' $?
grep -q ' linux-image-amd64$' "$FAKE/calls"
ok 'the metapackage of the lock file is asked' $?
mirror 9 "$next_image"
run image --cache "$cache" --quiet
gave "$cache/$next_image" && [ ! -s "$FAKE/calls" ]
ok 'the accepted kernel package is found again in the cache' $?

mirror 0 "$deb"
echo 'forged' >"$FAKE/$deb"
run linux --cache "$work/cache2" --quiet
failed 3 'check the lock file' && [ ! -e "$work/cache2/$deb" ]
ok 'the locked version with another checksum in the index is refused' $?
echo 'newer' >"$FAKE/sim_1.orig.tar.xz"
run sim --cache "$work/cache2" --quiet
failed 3 'check the lock file'
ok 'a source tarball with another checksum is refused' $?

mirror 9 "$deb"
echo 'E: Write error - write (28: No space left on device)' >"$FAKE/says"
run linux --cache "$work/cache3" --quiet
failed 5 'disk full'
ok 'a disk that fills up while fetching is told as such' $?
run huge --cache "$work/cache3" --quiet
failed 5 'disk full: .* MiB free'
ok 'a disk without room is told before anything is fetched' $?
: >"$work/file"
run linux --cache "$work/file/cache" --quiet
failed 5 'cannot write to the directory'
ok 'a cache that cannot be made is told' $?
if [ "$(id -u)" -eq 0 ]; then
	skip 'a read-only cache is told' 'root may write everywhere'
else
	mkdir "$work/readonly"
	chmod a-w "$work/readonly"
	run linux --cache "$work/readonly" --quiet
	failed 5 'cannot write to the directory'
	ok 'a read-only cache is told' $?
fi
[ -z "$(find "$work/cache2" "$work/cache3" -maxdepth 1 -type f ! -name '.lock-*')" ]
ok 'failures leave no file behind that could be taken for a source' $?
finish
