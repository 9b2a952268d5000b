#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Early ends: signals, a closed output, a guest that prints without end. No process and no file may stay.

. "${srcdir:-.}/tests/cli/lib.sh"
guest=$work/guest.elf

# Runs a simulator that never ends by itself, sends it a signal when it is up, leaves $status.
interrupted() { # BEHAVIOUR SIGNAL
	NWSIM_FAKE=$1 env --default-signal=INT "$NWSIM" run "$guest" >"$work/out" 2>"$work/err" </dev/null &
	pid=$!
	for _ in $(seq 100); do
		grep -q ready "$work/out" && break
		sleep 0.1
	done
	simulator=$(ps -eo pid=,ppid=,comm= | awk -v p="$pid" '$2 == p && $3 == "bochs" { print $1 }')
	kill -s "$2" "$pid"
	status=0
	wait "$pid" || status=$?
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
clean "closed output: no temporary files are left"

# Full disk.
NWSIM_FAKE=pass "$NWSIM" run "$guest" >/dev/full 2>"$work/err" && status=0 || status=$?
result 2 "full disk: exit status 2"
has err 'cannot write' "full disk is named"

# A caller that ignores SIGCHLD.
(
	trap '' CHLD
	FAKE=pass nwsim run "$guest"
	exit "$status"
) && status=0 || status=$?
result 0 "a caller that ignores SIGCHLD"
clean "no temporary files are left"
done_testing
