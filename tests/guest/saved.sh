# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# Shared by the tests that save runs; after lib.sh.

# output NAME: what the run printed, without the time that the host took
output() {
	grep -v '^  host time ' "$work/$1.out" || true
}

# same NAME: run NAME equals the uninterrupted one, run whole, with status $whole
same() {
	output "$1" >"$work/out.b"
	[ "$status" -eq "$whole" ] && cmp -s "$work/whole.nwt" "$work/$1.nwt" && cmp -s "$work/out.a" "$work/out.b"
}

# The command whose runs are saved.
saved_command=run

# at TICK TEXT ARGUMENT...: saves the run at this tick and goes on, then restores it
at() {
	tick=$1
	moment=$2
	shift 2
	rm -rf "$work/saved"
	run saving "$saved_command" "$@" --save="$work/saved" --save-at="${tick}tsc" --save-then=go
	holds "$moment: the run that is saved goes on as if nothing had happened" same saving
	run restored "$saved_command" --restore="$work/saved"
	holds "$moment: the restored run ends as the uninterrupted one" same restored
}

# whole ARGUMENT...: the uninterrupted run; its last tick in $end
whole() {
	run whole "$saved_command" "$@"
	whole=$status
	output whole >"$work/out.a"
	end=$("$NWSIM" trace dump "$work/whole.nwt" | sed -n '$s/^ *\([0-9]*\) .*/\1/p')
}
