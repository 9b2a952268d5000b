#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Several guests of the list: which are run, their results in the order of the list, exit status, jobs, signals.

. "${srcdir:-.}/tests/cli/lib.sh"

list() { # LINE...: the list of guests; each guest is a copy of the sample
	printf '%s\n' "$@" >"$NWSIM_DATA/guests/bare/guests.list"
	for line in "$@"; do cp "$work/guest.elf" "$NWSIM_DATA/guests/bare/${line%%|*}.elf"; done
}

refused() { # PATTERN ARGUMENTS...
	pattern=$1
	shift
	FAKE=pass nwsim run "$@"
	result 2 "refused: run $*"
	has err "$pattern" "and the reason is said"
	has_not out . "nothing else is printed"
}

order() { # DESCRIPTION NAME...: the guests of the table are these, in this order
	text=$1
	shift
	sed -n 's/^\(ok\|NOT OK\) *\([a-z0-9]*\) .*/\2/p' "$work/out" | tr '\n' ' ' >"$work/names"
	ok "$([ "$(cat "$work/names")" = "$* " ] && echo 0 || echo 1)" "$text"
}

refused 'guest absent is not built' --all
refused "no group 'nosuch'" --group nosuch
refused "no guest 'nosuch'" listed nosuch
refused 'only one guest can be run by its path' listed ./guest.elf
refused 'are for guests of the list' --tap --disk "$work/disk.img"
refused 'without --jobs, --tap and --results' -j 2 ./guest.elf
refused 'are for one guest' --all --trace "$work/t.nwt"
refused 'are for one guest' --all --keep "$work/k"
refused '.-all runs every guest' --all listed
refused '.-all runs every guest' --group samples --all
refused '.-tap and --json' --all --tap --json
refused '0..256' --all -j 257
refused 'directory is not empty' --group samples --results "$work"
list 'a|one|--cpu z80|pass|x'
refused 'guests.list: a: --cpu: no model' --all

list 'a|one||pass|first' 'b|two|--append fake=fail|fail|fails' 'c|one|--append fake=hung|hung|hangs' \
	'd|two|--append fake=skip|skip|skips' 'e|three|--append fake=slow|pass|takes its time'
FAKE=pass nwsim run --all
result 0 "every guest ended as expected"
order "all guests, in the order of the list" a b c d e
has out '^5 guests: 5 ended as expected, 0 did not' "and their number"
clean "no temporary files are left"
FAKE=pass nwsim run --group two --group three -j 4
order "the guests of two groups" b d e
FAKE=pass nwsim run c --results "$work/one"
order "one name, its output kept" c
FAKE=pass nwsim run e b e
order "names, each once, in the order of the list" b e
for jobs in 1 3 0; do
	FAKE=pass nwsim run --all --tap --jobs $jobs
	result 0 "--jobs $jobs"
	cp "$work/out" "$work/tap.$jobs"
done
has tap.1 '^ok 2 - b: fail, 2 tests, 2 notify exits$' "TAP has a line for each guest"
has tap.1 '^1..5$' "and a plan"
ok "$(cmp -s "$work/tap.1" "$work/tap.3" && cmp -s "$work/tap.1" "$work/tap.0" && echo 0 || echo 1)" \
	"the same results in the same order, however many jobs"

# Failures of all kinds.
list 'good|g||pass|x' 'bad|g|--append fake=fail|pass|x' 'dead|g|--append fake=crash|pass|x' \
	'hung|g|--append fake=hung|pass|x' 'lies|g|--append fake=lies|pass|x' 'last|g|--append fake=fail|fail|x'
FAKE=pass nwsim run --all -j 2
result 4 "some guests did not end as expected, and a simulator failed"
has out '^ok  *good ' "one did"
has out '^NOT OK  *bad  *fail .*expected: pass' "a failed claim"
has out '^FAULT  *dead  *fault ' "a simulator that died"
has out '^NOT OK  *hung  *hung ' "a hung guest"
has out '^NOT OK  *lies  *fail ' "a guest whose exit code and claims differ"
has out '^ok  *last  *fail ' "a failure that was expected"
has out '| not ok 2 - second' "the end of a failed guest's output is shown"
has out '^6 guests: 2 ended as expected, 4 did not (1 FAULT)' "they are counted"
kept=$(sed -n 's/^outputs are in //p' "$work/out")
has out "^nobody else removes them: rm -r $kept" "who removes them is said"
ok "$([ "$(cd "$kept" && echo *)" = 'bad.out dead.out hung.out lies.out' ] && echo 0 || echo 1)" \
	"the outputs of those that failed are kept"
rm -r "$kept"
clean "and nothing else"
FAKE=pass nwsim run --all --json
result 4 "--json: exit status"
has out '^ "as_expected": 2' "--json: counts"
has out '^ "faults": 1' "--json: of them, simulators that failed"
has out '"result": "fault"' "--json: each"
has out '"result": "not_ok"' "--json: a guest that did not end as expected"
has out '"verdict": "fault"' "--json: verdicts"
has_not out '^ok' "--json: nothing but JSON"
rm -rf "$TMPDIR"/nwsim-failed-*
FAKE=pass nwsim run --all --results "$work/results" --param threshold=5
result 4 "--results"
ok "$([ -f "$work/results/good.out" ] && [ -f "$work/results/bad.nwt" ] && echo 0 || echo 1)" \
	"--results: output and trace of each guest"
"$NWSIM" trace dump "$work/results/bad.nwt" >"$work/dump"
has dump 'threshold=5' "the user's options reach each guest"
clean "--results: nothing elsewhere"

# Regressions are one thing, failures of what runs the guests are others.
FAKE=pass nwsim run good bad last
result 1 "1: a guest did not end as expected, and nothing else is wrong"
rm -rf "$TMPDIR"/nwsim-failed-*
list 'good|g||pass|x' 'bad|g|--append fake=fail|pass|x' 'spins|g|--append fake=waits|pass|x' 'fault|g|--append fake=panic|fault|x'
FAKE=pass nwsim run --all --host-limit 2 -j 4 --results "$work/limited"
result 4 "4: one was stopped at the limit of host time"
has out '^FAULT  *spins  *host_limit ' "which is named"
has out '^ok  *fault  *fault ' "a fault that was expected is none"
has out '^4 guests: 2 ended as expected, 2 did not (1 FAULT)' "and counted apart"
# A full file system: no file can be written, and not a byte of them.
full() {
	(trap '' XFSZ; ulimit -f 0; FAKE=pass; NWSIM_FAKE=pass "$NWSIM" run good bad "$@" </dev/null && s=0 || s=$?; echo "status $s") 2>&1 | cat >"$work/out"
}
full
has out '^status 2$' "2: the guests could not be run"
has out '^ERROR  *good  *not run ' "each is called an error"
has out '| nothing in its output says why; it could not be written' "and the reason is guessed"
has out '^2 guests: 0 ended as expected, 2 did not (2 ERROR)' "which are counted apart"
rm -rf "$TMPDIR"/nwsim-failed-*
full --json
has out '^ "errors": 2' "--json: errors are counted apart"
has out '"result": "error"' "--json: each is called an error"
rm -rf "$TMPDIR"/nwsim-failed-*
clean "and nothing is left"

# Jobs at a time. The third list needs more memory than any host has: one at a time.
# A simulator waits for others that begin, so that no speed of the host decides whether they are seen together.
most() { # the largest number of simulators at a time
	awk '/begin/ { n++; if (n > m) m = n } /end/ { n-- } END { print m + 0 }' "$work/log"
}
NWSIM_FAKE_LOG=$work/log
export NWSIM_FAKE_LOG
list '1|g||pass|x' '2|g||pass|x' '3|g||pass|x' '4|g||pass|x' '5|g||pass|x'
NWSIM_FAKE_MEET=3 FAKE=slow nwsim run --all -j 3
ok "$([ "$(most)" -eq 3 ] && echo 0 || echo 1)" "-j 3 runs three at a time"
rm "$work/log"
FAKE=slow nwsim run --all
ok "$([ "$(most)" -eq 1 ] && echo 0 || echo 1)" "without -j it is one at a time"
rm "$work/log"
set --
for i in 1 2 3 4 5; do set -- "$@" "$i|g|--memory 65536|pass|x"; done
list "$@"
if [ "$(sed -n 's/^MemAvailable: *\([0-9]*\) kB/\1/p' /proc/meminfo)" -lt 134000000 ]; then
	FAKE=slow nwsim run --all -j 5
	result 0 "guests whose memory does not fit together"
	ok "$([ "$(most)" -eq 1 ] && echo 0 || echo 1)" "run one at a time"
else
	ok 0 "guests whose memory does not fit together # SKIP this host has the memory"
fi

# Progress, on a terminal: one line that can be erased, or none.
if script -qec true /dev/null >/dev/null 2>&1 </dev/null; then
	long=a-guest-whose-name-is-longer-than-the-terminal
	list "$long|g||pass|x" "${long}2|g||pass|x"
	on_terminal() { # TERM
		TERM=$1 COLUMNS=50 NWSIM_FAKE=slow script -qec "$NWSIM run --all -j 2 --tap" /dev/null </dev/null >"$work/out"
		tr '\r' '\n' <"$work/out" | sed -n 's/^.\[K\([0-9]* of .*\)/\1/p' >"$work/progress"
	}
	on_terminal xterm
	has progress '^[0-9] of 2 guests, 0 not as expected' "a terminal shows the progress"
	ok "$(awk 'length > 49 { bad = 1 } END { print bad + 0 }' "$work/progress")" "in a line that fits"
	on_terminal dumb
	has out '^ok 2 - ' "a dumb terminal shows the results"
	has_not out "$(printf '\033')" "but nothing that it cannot erase"
else
	ok 0 "progress on a terminal # SKIP no script(1)"
fi

# Signals: nothing stays, what has ended before is reported.
list '1|g|--append fake=pass|pass|x' '2|g||pass|x' '3|g||pass|x' '4|g||pass|x'
two_are_ready() {
	[ "$(cat "$TMPDIR"/*/*.out 2>/dev/null | grep -c ready)" -eq 2 ]
}
none_is_left() {
	[ "$(for p in $simulators; do ps -o stat= -p "$p"; done | grep -cv Z || :)" -eq 0 ]
}
interrupted() { # SIGNAL ARGUMENTS...
	signal=$1
	shift
	NWSIM_FAKE=stubborn env --default-signal=INT "$NWSIM" run --all -j 2 "$@" >"$work/out" 2>"$work/err" </dev/null &
	pid=$!
	wait_for two_are_ready || :
	simulators=$(ps -eo pid=,args= | awk -v d="$NWSIM_DATA" 'index($2, d) { print $1 }')
	ok "$([ "$(echo "$simulators" | wc -w)" -eq 2 ] && echo 0 || echo 1)" "SIG$signal: two simulators run"
	kill -s "$signal" $pid
	status=0
	wait $pid || status=$?
	wait_for none_is_left && left=0 || left=1
	ok "$left" "SIG$signal: no simulator is left"
	clean "SIG$signal: no temporary files are left"
}
interrupted INT
result 130 "SIGINT: exit status"
has out '^ok  *1  *pass' "SIGINT: the guest that had ended is in the table"
has out '^4 guests: 1 ended as expected, 0 did not, 3 were not run' "SIGINT: and the others are counted"
interrupted TERM --json
result 143 "SIGTERM: exit status"
has out '^ "interrupted": 15' "SIGTERM: JSON says so"
has out '^ "not_run": 3' "SIGTERM: and how many were not run"
has out '^ "not_as_expected": 0' "SIGTERM: which are no failures"
interrupted HUP --tap
result 129 "SIGHUP: exit status"
has out '^Bail out! ended by signal 1' "SIGHUP: TAP says so"
interrupted KILL
result 137 "SIGKILL: exit status"
NWSIM_FAKE=pass "$NWSIM" run --all >/dev/full 2>"$work/err" && status=0 || status=$?
result 2 "full disk: exit status 2"
done_testing
