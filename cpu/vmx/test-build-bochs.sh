#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# cpu/vmx/build-bochs on a Bochs of a few lines: the order of the series, the shim, what is built again
# after which change, and the one line of each failure.

top=$(cd "${srcdir:-$(dirname "$0")/../..}" && pwd)
# shellcheck source=sources/test-lib.sh
. "$top/sources/test-lib.sh"
unset MAKEFLAGS MFLAGS

# Its program prints the word that the last patch left in word.h; cpu/Makefile.in is not needed.
mkdir -p "$work/bochs/cpu" "$work"/series/{base,time,loop,notify} "$work/shim" "$work/include"
echo '#include "word.h"' >"$work/bochs/cpu/vmx.cc"
echo '#define WORD "zero"' >"$work/bochs/cpu/word.h"
cat >"$work/bochs/configure" <<'EOF'
#!/bin/sh
case "$*" in *--enable-vmx=2*) ;; *) echo "configure: error: no VMX" ; exit 1 ;; esac
cat >main.cc <<'END'
#include <cstdio>
#include "cpu/word.h"
#include "nw_number.h"
int shim(void);
int main() { printf("%s %d\n", WORD, shim()); }
END
cat >Makefile <<'END'
CXX = g++
bochs: main.o cpu/nw_shim.o
	@echo linked >>built
	$(CXX) -o $@ main.o cpu/nw_shim.o $(LIBS)
.cc.o:
	@echo $@ >>built
	$(CXX) -c $< -o $@
main.o: main.cc
cpu/nw_shim.o: cpu/nw_shim.cc
.SUFFIXES: .cc .o
END
EOF
chmod +x "$work/bochs/configure"

# change ROOM FROM TO: a patch of the series.
change() {
	printf -- '--- a/cpu/word.h\n+++ b/cpu/word.h\n@@ -1 +1 @@\n-#define WORD "%s"\n+#define WORD "%s"\n' \
		"$2" "$3" >"$work/series/$1/0001-$3.patch"
}
change base zero one
change time one two
change loop two three
change notify three four
cat >"$work/shim/nw_shim.cc" <<'EOF'
#include "nw_number.h"
extern "C" int lib(void);
int shim(void) { return NUMBER + lib(); }
EOF
echo '#define NUMBER 40' >"$work/include/nw_number.h"
library() {
	echo "int lib(void) { return $1; }" >"$work/lib.c"
	gcc -c "$work/lib.c" -o "$work/lib.o"
	rm -f "$work/libx.a"
	ar rc "$work/libx.a" "$work/lib.o"
}
library 2

build() {
	rm -f "$work/out.d/src/built"
	call "$top/cpu/vmx/build-bochs" --quiet --tarball "$work/bochs" --out "$work/out.d" \
		--patches "$work/series" --shim "$work/shim" --include "$work/include" --lib "$work/libx.a" "$@"
}

# built WORDS: what was compiled and linked by the last call.
built() {
	[ "$rc" -eq 0 ] && [ "$(LC_ALL=C sort "$work/out.d/src/built" 2>/dev/null | tr '\n' ' ')" = "$1" ]
}

prints() {
	[ "$("$work/out.d/bochs")" = "$1" ]
}

build
built 'cpu/nw_shim.o linked main.o ' && prints 'four 42'
ok 'the series is applied in the order base, time, loop, notify; shim and library are linked' $?
[ "$(grep -c '^patch: [0-9a-f]\{64\} ' "$work/out.d/build-flags.txt")" -eq 4 ] &&
	grep -q '^configure: .*--enable-smp.*--with-sdl2' "$work/out.d/build-flags.txt" &&
	grep -q '^CXXFLAGS: -O2$' "$work/out.d/build-flags.txt" &&
	! grep -q "$work" "$work/out.d/build-flags.txt"
ok 'flags and hashes are recorded without paths of the machine' $?
! grep -q show-ips <(sed 's/--disable-show-ips//' "$work/out.d/build-flags.txt")
ok 'show-ips is off' $?
grep -q 'zero' "$work/bochs/cpu/word.h" && [ ! -e "$work/bochs/Makefile" ]
ok 'a tree given as the source stays untouched' $?
build
built ''
ok 'nothing is built when nothing changed' $?
touch "$work/shim/nw_shim.cc"
build
built ''
ok 'a new time alone builds nothing' $?
sed -i 's/NUMBER + /NUMBER * /' "$work/shim/nw_shim.cc"
touch -d '2001-01-01' "$work/shim/nw_shim.cc"
build
built 'cpu/nw_shim.o linked ' && prints 'four 80'
ok 'a changed shim is compiled and linked whatever its time, the rest stays' $?
echo '#define NUMBER 50' >"$work/include/nw_number.h"
build
built 'cpu/nw_shim.o linked main.o ' && prints 'four 100'
ok 'a changed header compiles what includes it, in Bochs too' $?
library 3
build
[ "$rc" -eq 0 ] && prints 'four 150'
ok 'a changed library is linked' $?
rm "$work/series/notify/0001-four.patch"
change notify three five
build
built 'cpu/nw_shim.o linked main.o ' && prints 'five 150'
ok 'a changed series starts from a fresh tree' $?

build --coverage --out "$work/counting.d"
[ "$rc" -eq 0 ] && [ "$(cd "$work/counting.d/src" && find . -name '*.gcno' | LC_ALL=C sort)" = ./cpu/nw_shim.gcno ] &&
	grep -q '^CXXFLAGS: -O2, shim with --coverage$' "$work/counting.d/build-flags.txt" &&
	"$work/counting.d/bochs" >"$work/none.txt" && [ -f "$work/counting.d/src/cpu/nw_shim.gcda" ]
ok 'with --coverage the shim counts its lines, and nothing else does' $?

change notify other six
build
failed 3 'patch notify/0001-six.patch does not apply without fuzz: cpu/word.h: Hunk #1 FAILED'
ok 'a patch that does not apply is named' $?
rm "$work/series/notify/0001-six.patch"
build
[ "$rc" -eq 0 ] && prints 'five 150'
ok 'the next call recovers from it' $?
echo 'int shim(void) { return nonsense; }' >"$work/shim/nw_shim.cc"
build
failed 7 'building Bochs failed: .*nonsense'
ok 'an error of the compiler is told' $?
build --stock --out "$work/stock.d"
failed 7 'building Bochs failed' && grep -q zero "$work/stock.d/src/cpu/word.h" && [ ! -e "$work/stock.d/src/cpu/nw_shim.cc" ]
ok 'the stock tree has neither the series nor the shim' $?
build --tarball "$work/none"
failed 2 'tarball'
ok 'a missing tarball is told' $?
echo 'text' >"$work/text.tar"
build --tarball "$work/text.tar"
failed 3 'cannot unpack'
ok 'a file that is no tarball is told' $?
mkdir "$work/empty"
build --tarball "$work/empty"
failed 3 'is no Bochs source'
ok 'a tree that is no Bochs is told' $?
build --lib "$work/none.a"
failed 2 'none.a: no such file'
ok 'a missing library is told' $?
build --cxxflags
failed 2 'needs a value'
ok 'an option without its value is refused' $?
finish
