#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Wrong arguments of ./quickstart: exit status 2 and one line, before anything is installed, downloaded or built.

. "${srcdir:-.}/tests/cli/lib.sh"
top=$(realpath "${srcdir:-.}")

# A tree in which nothing could be built, and in which a build directory would be seen.
mkdir -p "$work/top/sources"
cp "$top/quickstart" "$work/top/"
cp "$top/sources/common.sh" "$work/top/sources/"
mkdir "$work/bin"
echo 'echo ii' >"$work/bin/dpkg-query"
for program in apt-get autoreconf make sudo; do
	echo 'exit 1' >"$work/bin/$program"
done
chmod +x "$work/bin"/*
PATH=$work/bin:$PATH

refused() { # PATTERN ARGUMENT...
	pattern=$1
	shift
	status=0
	timeout 20 "$work/top/quickstart" "$@" >"$work/out" 2>"$work/err" </dev/null || status=$?
	result 2 "refused: $*"
	has err "$pattern" "and the reason is said"
	ok "$([ "$(wc -l <"$work/err")" -eq 1 ] && [ ! -s "$work/out" ] && [ ! -e "$work/top/build" ] && echo 0 || echo 1)" \
		"in one line, and nothing is begun"
}

for jobs in '' 0 abc 1025 99999 3x -1 01 1.5; do
	refused 'give a number 1 to 1024' "--jobs=$jobs"
done
refused "unknown argument '--jobs'" --jobs
refused "unknown argument 'chekc'" chekc
refused 'no such file' check --jobs=1024 "--with-bochs=$work/nosuch"
refused 'no such file' --jobs=1 "--kernel-source=$work/nosuch"
status=0
"$work/top/quickstart" --jobs=2 --help >"$work/out" 2>"$work/err" || status=$?
result 0 "--help"
has out 'Usage: ./quickstart' "shows what is accepted"
done_testing
