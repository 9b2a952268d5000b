#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# quickstart when a Linux source cannot be had, or is another version than the one its series is made for: what it takes
# instead, what it says, and how it ends. Programs of our own stand in for apt's world, make and nwsim.

top=$(cd "${srcdir:-$(dirname "$0")/../..}" && pwd)
# shellcheck source=sources/test-lib.sh
. "$top/sources/test-lib.sh"
unset MAKEFLAGS MFLAGS NWSIM_CACHE

# $FAKE: gone-NAME: sources/fetch does not have it; moved-X.Y: its files are not those that the series expects;
# broken-TARGET: this target does not compile. calls: what make and nwsim were asked for.
export FAKE=$work/fake PATH="$work/bin:$PATH"
mkdir -p "$FAKE" "$work/bin" "$work/tree/sources" "$work/tree/build/tools" "$work/tree/build-aux"
cp "$top/quickstart" "$work/tree/"
cp "$top/sources/common.sh" "$work/tree/sources/"
for file in configure Makefile.in build-aux/tap-driver.sh build/Makefile; do
	echo '#!/bin/sh' >"$work/tree/$file"
done
chmod +x "$work/tree/configure"

cat >"$work/bin/dpkg-query" <<'EOF'
#!/bin/sh
echo 'ii '
EOF
cat >"$work/tree/sources/fetch" <<'EOF'
#!/bin/sh
[ ! -e "$FAKE/gone-$1" ] || { echo "sources/fetch: error: cannot download $1: no network to the mirror" >&2; exit 4; }
echo "/cache/$1"
EOF
cat >"$work/tree/build/tools/nwsim" <<'EOF'
#!/bin/sh
echo "nwsim $*" >>"$FAKE/calls"
EOF
cat >"$work/bin/make" <<'EOF'
#!/bin/bash
shift 2	# -C build
words=() kernel=5.10 series='5.10 6.1-stock 6.1'
for word; do
	case $word in
	-*) continue ;;
	KERNEL=*) kernel=${word#*=} ;;
	KVM_SERIES=*) series=${word#*=} ;;
	esac
	words+=("$word")
done
echo "make ${words[*]}" >>"$FAKE/calls"
target=${words[0]}
[ ! -e "$FAKE/broken-$target" ] || { echo "vmx.c:1:1: error: expected ';'"; exit 2; }
case $target in
linux) series=$kernel ;;
kvm) ;;
*) series='' ;;
esac
for one in $series; do
	[ ! -e "$FAKE/moved-$one" ] ||
		{ echo "build-kernel: error: vmx.c of Linux $one.999 is not what series.sha256 expects before the series"; exit 2; }
done
[ "$target" != check ] || printf '# PASS:  3\n# FAIL:  0\n# SKIP:  1\n' >build/test-suite.log
EOF
chmod +x "$work/bin/"* "$work/tree/sources/fetch" "$work/tree/build/tools/nwsim"

# quick STATE... -- ARGUMENT...: one call of quickstart with these files in $FAKE.
quick() {
	rm -rf "$FAKE"
	mkdir "$FAKE"
	while [ "$1" != -- ]; do
		: >"$FAKE/$1"
		shift
	done
	shift
	call "$work/tree/quickstart" --jobs=1 "$@"
}

# did LINE...: make and nwsim were asked for these, in this order, among others.
did() {
	local line
	for line; do echo "$line"; done >"$work/want"
	grep -Fx -f "$work/want" "$FAKE/calls" | cmp -s - "$work/want"
}

# never PATTERN: nobody was asked for that.
never() {
	! grep -q -- "$1" "$FAKE/calls"
}

# said PATTERN: exactly one line of the output.
said() {
	[ "$(grep -c -- "$1" "$work/out")" -eq 1 ]
}

linux_61='make linux KERNEL=6.1'
show_61='nwsim linux --kernel build/guests/linux/bzImage-6.1'
kvm_61='make kvm KERNEL=6.1 KVM_SERIES=6.1-stock 6.1 KVM_TESTS=6.1'
kvm_510='make kvm KVM_SERIES=5.10 KVM_TESTS=5.10'

quick --
[ "$rc" -eq 0 ] && [ ! -s "$work/err" ] && did 'make all' 'nwsim run ac-loop' 'make linux KERNEL=5.10' 'nwsim linux' && never 6.1
ok 'all there: both attacks are shown, on 5.10' $?
quick gone-linux-5.10 --
[ "$rc" -eq 0 ] && [ ! -s "$work/err" ] && did "$linux_61" "$show_61" && never 'KERNEL=5.10' && said 'taking 6.1 .*no network'
ok '5.10 is not to be had: 6.1, and a line that says why' $?
quick moved-5.10 --
[ "$rc" -eq 0 ] && [ ! -s "$work/err" ] && did 'make linux KERNEL=5.10' "$linux_61" "$show_61" &&
	said 'taking 6.1 .*Linux 5.10.999 is not what series.sha256 expects'
ok '5.10 is another version: 6.1' $?

# failed_with CODE PATTERN: one line on stderr, and the bare-metal attack had its show before.
failed_with() {
	[ "$rc" -eq "$1" ] && [ "$(wc -l <"$work/err")" -eq 1 ] && grep -q -- "$2" "$work/err" && did 'nwsim run ac-loop' && never '^nwsim linux'
}
quick gone-linux-5.10 gone-linux-6.1 --
failed_with 4 'cannot download linux-6.1'
ok 'neither is to be had: exit code 4' $?
quick gone-linux-5.10 moved-6.1 --
failed_with 3 'neither 5.10 nor 6.1 .*Linux 6.1.999 is not what series.sha256 expects before the series (log: '
ok '5.10 is not to be had and 6.1 is another version: exit code 3, both named' $?
quick moved-5.10 moved-6.1 --
failed_with 3 'neither 5.10 nor 6.1 .*Linux 6.1.999'
ok 'both are other versions: exit code 3' $?
quick broken-linux --
failed_with 7 "linux: .*error: expected ';' (log: " && never 6.1
ok 'a kernel that does not compile is no reason for another one: exit code 7' $?
echo tree >"$work/linux"
quick moved-5.10 -- --kernel-source="$work/linux"
failed_with 7 'Linux 5.10.999 is not what series.sha256 expects' && never 6.1
ok 'nor is one that the user named' $?

# tested: the tests ran, and their sum is the last line.
tested() {
	[ "$rc" -eq 0 ] && [ ! -s "$work/err" ] && did 'make witness' 'make check' && [ "$(tail -n 1 "$work/out")" = '3 passed, 0 failed, 1 skipped' ]
}
quick -- check
tested && did 'make linux KERNEL=5.10' 'make distro' 'make kvm'
ok 'check: the kernels of both series' $?
quick gone-linux-6.1 -- check
tested && did "$kvm_510" && never 'make kvm$' && said "KVM's selftests on 5.10 only: .*cannot download linux-6.1"
ok 'check, 6.1 is not to be had: 5.10 only' $?
quick moved-6.1 -- check
tested && did 'make kvm' "$kvm_510" && said "KVM's selftests on 5.10 only: .*Linux 6.1.999 is not what series.sha256 expects"
ok 'check, 6.1 is another version: 5.10 only' $?
quick gone-linux-5.10 -- check
tested && did "$linux_61" "$kvm_61" && never 'make kvm$' && said "KVM's selftests on 6.1 only"
ok 'check, 5.10 is not to be had: 6.1 only' $?
quick moved-5.10 -- check
tested && did "$linux_61" "$kvm_61" && never 'make kvm$'
ok 'check, 5.10 is another version: 6.1 only' $?
quick moved-5.10 moved-6.1 -- check
[ "$rc" -eq 3 ] && [ "$(wc -l <"$work/err")" -eq 1 ] && never 'make check'
ok 'check, both are other versions: exit code 3' $?
quick broken-kvm -- check
[ "$rc" -eq 7 ] && [ "$(wc -l <"$work/err")" -eq 1 ] && never KVM_SERIES
ok 'check, a kernel that does not compile ends it: exit code 7' $?
finish
