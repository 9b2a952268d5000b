#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Early ends: signals, closed and full outputs, limits of file sizes, a guest that prints without end. No process and no file may stay.

. "${srcdir:-.}/tests/cli/lib.sh"
guest=$work/guest.elf

# Runs a simulator that never ends by itself, leaves $pid and $simulator when it is up.
begin() { # BEHAVIOUR [COMMAND...]: what runs nwsim
	NWSIM_FAKE=$1
	shift
	: >"$work/out" # "ready" of the last one
	NWSIM_FAKE=$NWSIM_FAKE env --default-signal=INT,TSTP "$@" "$NWSIM" run "$guest" >"$work/out" 2>"$work/err" </dev/null &
	pid=$!
	for _ in $(seq 100); do
		grep -q ready "$work/out" && break
		sleep 0.1
	done
	simulator=$(ps -eo pid=,ppid=,comm= | awk -v p="$pid" '$2 == p && $3 == "bochs" { print $1 }')
}

# The same with a signal, leaves $status.
interrupted() { # BEHAVIOUR SIGNAL
	begin "$1"
	kill -s "$2" "$pid"
	status=0
	wait "$pid" || status=$?
}

# Both processes have a state that matches.
states() { # PATTERN DESCRIPTION
	for _ in $(seq 20); do
		if [ "$(ps -o stat= -p "$pid" -p "$simulator" | grep -c "^$1")" -eq 2 ]; then
			ok 0 "$2"
			return
		fi
		sleep 0.1
	done
	ps -o pid=,stat=,comm= -p "$pid" -p "$simulator" | sed 's/^/# /'
	ok 1 "$2"
}

gone() { # DESCRIPTION
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		# A zombie that nobody has waited for yet is gone, too.
		case $(ps -o stat= -p "${simulator:?no simulator was seen}") in
		Z* | '')
			ok 0 "$1"
			return
			;;
		esac
		sleep 0.2
	done
	ok 1 "$1"
}

interrupted waits INT
result 130 "SIGINT: exit status 130"
has err 'ended by signal 2' "SIGINT is named"
gone "SIGINT: the simulator is gone"
clean "SIGINT: no temporary files are left"

interrupted waits TERM
result 143 "SIGTERM: exit status 143"
gone "SIGTERM: the simulator is gone"
clean "SIGTERM: no temporary files are left"

interrupted stubborn TERM
result 143 "a simulator that ignores SIGTERM"
gone "is killed"
clean "and no temporary files are left"

interrupted stubborn KILL
result 137 "nwsim killed"
gone "SIGKILL: the simulator dies with nwsim"
clean "SIGKILL: the guard removes the temporary files"

# Ctrl-Z and `fg'.
begin waits
for round in first second; do
	kill -s TSTP "$pid"
	states T "SIGTSTP: nwsim and the simulator stop, $round time"
	kill -s CONT "$pid"
	states '[SR]' "SIGCONT: both go on"
done
kill -s TERM "$pid"
status=0
wait "$pid" || status=$?
result 143 "and end as ever"
gone "the simulator is gone"
clean "no temporary files are left"

# Signals that the caller ignores, as nohup has it.
begin waits env --ignore-signal=HUP,TSTP
kill -s HUP "$pid"
kill -s TSTP "$pid"
sleep 0.5
states '[SR]' "an ignored SIGHUP or SIGTSTP stays ignored"
kill -s TERM "$pid" || : # gone already
status=0
wait "$pid" || status=$?
result 143 "SIGTERM does not"

# 40 MB of output: shown up to 16 MiB, the end is still read.
FAKE=flood nwsim run "$guest"
result 0 "flood: the tests after it count"
size=$(wc -c <"$work/out")
ok "$([ "$size" -ge 16777216 ] && [ "$size" -lt 16900000 ] && echo 0 || echo 1)" "flood: output is limited"
has err 'more than 16 MiB' "flood: and says so"
FAKE=flood nwsim run --json "$guest"
result 0 "flood with --json"
has out '^ "serial_dropped": 495002' "flood: lines in the middle are dropped and counted"
has out '"ok 1 - after the flood"' "flood: the last lines are kept"

# A reader that goes away ends the run.
status=0
{ NWSIM_FAKE=flood "$NWSIM" run "$guest" 2>"$work/err" || echo $? >"$work/status"; } | head -1 >/dev/null
read -r status <"$work/status"
result 2 "closed output: exit status 2"
has err "cannot write the guest's output" "closed output is named"
ok "$([ "$(wc -l <"$work/err")" -eq 1 ] && echo 0 || echo 1)" "closed output: in one line"
clean "closed output: no temporary files are left"

# Full disk.
NWSIM_FAKE=pass "$NWSIM" run "$guest" >/dev/full 2>"$work/err" && status=0 || status=$?
result 2 "full disk: exit status 2"
has err 'cannot write' "full disk is named"

# Descriptors 0 to 2 closed by the caller: as with /dev/null, except that output that goes nowhere is an error.
closed() { # ARGUMENTS...: with the descriptors of the caller
	status=0
	NWSIM_FAKE=pass "$NWSIM" "$@" || status=$?
}
: >"$work/err"
for round in 1 2 3; do # it was a race once
	closed run --trace "$work/0.nwt" "$guest" <&- >"$work/out"
	result 0 "standard input closed, $round"
	closed run --trace "$work/2.nwt" "$guest" 2>&- >"$work/out"
	result 0 "standard error closed, $round"
	closed run "$guest" <&- 2>&- >"$work/out"
	result 0 "both closed, $round"
done
has out '^nwsim: guest.elf: pass' "the report is complete"
ok "$(cmp -s "$work/0.nwt" "$work/2.nwt" && "$NWSIM" trace summary "$work/2.nwt" >"$work/out" && echo 0 || echo 1)" \
	"the trace has nothing else in it"
closed run "$guest" >&- 2>"$work/err"
result 2 "standard output closed"
has err 'cannot write' "is an error with a message"
closed run "$guest" <&- >&- 2>&-
result 2 "all closed"
rm -f "$work/c.html"
closed coverage --html "$work/c.html" "$work/0.nwt" >&- 2>"$work/err"
result 2 "coverage, standard output closed"
ok "$([ "$(wc -l <"$work/err")" -eq 1 ] && tail -1 "$work/c.html" | grep -q '</html>' && echo 0 || echo 1)" \
	"one line, and the page has nothing else in it"
closed run listed --tap <&- >&- 2>&-
result 2 "several guests, all closed"
closed run listed --tap <&- 2>&- >"$work/out"
result 0 "several guests, standard input and error closed"
has out '^ok 1 - listed: pass' "the result is printed"
clean "closed descriptors: no temporary files are left"

# Output that cannot be written, in every command: exit status 2 and one line.
for command in list params 'params --json' "trace dump $work/0.nwt" "trace summary $work/0.nwt" \
	"trace summary --json $work/0.nwt" "coverage $work/0.nwt" "run $guest" "run --json $guest" 'run --tap listed' \
	'run --json -j2 listed' --help --version 'run --help' 'list --help'; do
	# shellcheck disable=SC2086 # words
	NWSIM_FAKE=pass "$NWSIM" $command >/dev/full 2>"$work/err" </dev/null && status=0 || status=$?
	result 2 "full disk: ${command%% /*}"
	ok "$([ "$(grep -c '^nwsim: cannot write .*No space left' "$work/err")" -eq 1 ] && echo 0 || echo 1)" \
		"is said once"
	# shellcheck disable=SC2086
	closed $command >&- 2>"$work/err"
	result 2 "standard output closed: ${command%% /*}"
done

# Limits of file sizes.
limited() { # BLOCKS STATUS PATTERN DESCRIPTION ARGUMENTS...: blocks of 512 bytes
	blocks=$1 expected=$2 pattern=$3 text=$4
	shift 4
	{ # a pipe is not limited
		(
			ulimit -f "$blocks"
			"$NWSIM" "$@" 2>&1 </dev/null || exit $?
		) && echo 0 >"$work/status" || echo $? >"$work/status"
	} | tail -n 40 >"$work/out"
	read -r status <"$work/status"
	result "$expected" "$text"
	has out "$pattern" "and the reason is said"
}
mkdir "$work/limited"
NWSIM_FAKE=pass limited 1 2 'File too large' "ulimit -f: the run cannot begin" run "$guest"
NWSIM_FAKE=grows limited 200 4 'grew beyond 100 KiB (ulimit -f)' "ulimit -f: the simulator is stopped" \
	run --trace "$work/limited/t.nwt" "$guest"
NWSIM_FAKE=chatty limited 200 2 'l.txt: File too large' "ulimit -f: the log is not complete" \
	run --log "$work/limited/l.txt" "$guest"
NWSIM_FAKE=flood limited 200 2 "save.*cannot write the guest's output: File too large" "ulimit -f: the output of a saved run" \
	run --save "$work/limited/save" --save-at 1 "$guest"
limited 4 2 'c.html: File too large' "ulimit -f: coverage --html" coverage --html "$work/limited/c.html" "$work/0.nwt"
ok "$([ -z "$(ls -A "$work/limited")" ] && echo 0 || echo 1)" "ulimit -f: nothing is left"

# A caller that ignores SIGCHLD.
(
	trap '' CHLD
	FAKE=pass nwsim run "$guest"
	exit "$status"
) && status=0 || status=$?
result 0 "a caller that ignores SIGCHLD"
clean "no temporary files are left"
done_testing
