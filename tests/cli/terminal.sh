#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The progress on a terminal: shown after a while, erased, no wider than the terminal, never where it could not be erased.

. "${srcdir:-.}/tests/cli/lib.sh"

if ! script -qec true /dev/null >/dev/null 2>&1 </dev/null; then
	echo '1..0 # SKIP script(1) is not installed, or gets no pseudo-terminal'
	exit 0
fi
guest=$work/guest.elf
export NWSIM guest
erase=$(printf '\r\033\[K')
mkdir "$work/names"
for i in 1 2 3 4; do
	name=a-long-name-that-takes-its-place-in-the-line-$i
	echo "$name|g||pass|x"
	cp "$guest" "$NWSIM_DATA/guests/bare/$name.elf"
done >"$NWSIM_DATA/guests/bare/guests.list"

terminal() { # FILE BEHAVIOUR TERM COLUMNS COMMAND: what a terminal of so many columns gets
	NWSIM_FAKE=$2 TERM=$3 script -qec "stty cols $4; $5" /dev/null >"$work/$1" 2>&1 </dev/null || echo "# exit status $?"
}

widest() { # FILE PATTERN: characters of the longest progress line
	tr '\r' '\n' <"$work/$1" | sed -n 's/^\x1b\[K//p' | grep -e "$2" | awk '{ if (length > n) n = length } END { print n + 0 }'
}

# shellcheck disable=SC2016 # the inner shell expands it
run='"$NWSIM" run "$guest"' all='"$NWSIM" run --all -j 3'
terminal one quiet xterm 80 "$run" &
terminal dumb quiet dumb 80 "$run" &
terminal narrow quiet xterm 12 "$run" &
terminal slow slow xterm 40 "$all" &
terminal slow-dumb slow dumb 40 "$all" &
terminal slow-none slow '' 40 "$all" &
wait
has one "${erase}nwsim: simulating, 3 s" "the seconds are shown"
ok "$([ "$(tr '\r' '\n' <"$work/one" | grep -c 'simulating, 3 s')" -eq 1 ] && echo 0 || echo 1)" "each once"
has one "${erase}ok 1 - quiet\|${erase}1..1" "and erased before the output"
has_not dumb "$(printf '\033')" "nothing on a dumb terminal"
has dumb 'guest.elf: pass' "but the report"
ok "$([ "$(widest narrow "nwsim: sim")" -eq 11 ] && echo 0 || echo 1)" "a narrow terminal: the line is cut"
has slow "${erase}[0-9] of 4 guests" "several guests: the line is shown"
ok "$([ "$(widest slow "of 4 guests")" -eq 39 ] && echo 0 || echo 1)" "and cut at the width of the terminal"
has slow "${erase}ok  *a-long-name" "and erased before the results"
has_not slow-dumb "$(printf '\033')" "nothing on a dumb terminal"
has_not slow-none "$(printf '\033')" "nothing on an unknown one"
clean "no temporary files are left"
done_testing
