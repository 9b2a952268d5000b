# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What the tests of sources/ and of the two build scripts share: TAP lines, one call of the program
# under test with its output kept, and the claims about it. The caller sets $top; $work is removed at the end.

set -u
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
count=0

# ok DESCRIPTION STATUS
ok() {
	count=$((count + 1))
	if [ "$2" -eq 0 ]; then
		echo "ok $count - $1"
	else
		echo "not ok $count - $1"
		sed 's/^/# /' "$work/out" "$work/err"
	fi
}

# skip DESCRIPTION REASON
skip() {
	count=$((count + 1))
	echo "ok $count - $1 # SKIP $2"
}

# call PROGRAM ARGUMENT...: $rc, $work/out and $work/err of one call.
call() {
	rc=0
	"$@" >"$work/out" 2>"$work/err" </dev/null || rc=$?
}

# failed CODE PATTERN: that exit code, nothing on stdout, exactly one line on stderr, which matches.
failed() {
	[ "$rc" -eq "$1" ] && [ ! -s "$work/out" ] && [ "$(wc -l <"$work/err")" -eq 1 ] &&
		grep -q -- "$2" "$work/err"
}

# sum FILE
sum() {
	sha256sum "$1" | cut -d ' ' -f 1
}

finish() {
	echo "1..$count"
}
