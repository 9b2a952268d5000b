# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# Shared by the tests that run guests: TAP output, a private directory, run() and deadlines().
#
# NWSIM and CHECK_TRACE name the programs; the defaults fit `make check` in the build directory. NW_HOST_LIMIT: seconds of host
# time for a run, far more than any needs on a slow host; a run that gets there fails instead of holding up all tests.

set -eu

# "make distcheck DISTCHECK_CONFIGURE_FLAGS=--without-bochs" tests everything else.
if [ -n "${NW_WITHOUT_BOCHS:-}" ]; then
	echo "1..0 # SKIP configured --without-bochs"
	exit 0
fi
NWSIM=${NWSIM:-$PWD/tools/nwsim}
CHECK_TRACE=${CHECK_TRACE:-$PWD/tests/oracle/check_trace}
guard=--host-limit=${NW_HOST_LIMIT:-3600}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
number=0

# claim STATUS TEXT: one TAP line; STATUS 0 is ok.
claim() {
	number=$((number + 1))
	if [ "$1" -eq 0 ]; then echo "ok $number - $2"; else echo "not ok $number - $2"; fi
}

# holds TEXT COMMAND...: one TAP line, ok when the command succeeds.
holds() {
	text=$1
	shift
	if "$@"; then claim 0 "$text"; else claim 1 "$text"; fi
}

plan() {
	echo "1..$number"
}

# run NAME COMMAND ARGUMENT...: nwsim with a trace in $work/NAME.nwt and its output in $work/NAME.out; the status in $status.
# A trace that the oracle does not agree with is a failed claim of its own.
run() {
	name=$1
	command=$2
	shift 2
	status=0
	"$NWSIM" "$command" "$guard" --trace="$work/$name.nwt" "$@" >"$work/$name.out" 2>"$work/$name.err" </dev/null || status=$?
	[ "$status" -eq 0 ] || sed 's/^/# /' "$work/$name.out" "$work/$name.err" | tail -n 25
	[ ! -f "$work/$name.nwt" ] || deadlines "$name" || claim 1 "$name: the trace agrees with the oracle"
}

# run_several NAME ARGUMENT...: nwsim run with outputs and traces in $work/NAME/; two claims for each guest. The number of guests
# in $guests, of those that did not end as expected in $bad. NWSIM_JOBS: guests at a time.
# shellcheck disable=SC2034 # read by the callers
run_several() {
	batch=$1
	shift
	status=0 guests=0 bad=0
	"$NWSIM" run "$guard" --jobs "${NWSIM_JOBS:-2}" --tap --results "$work/$batch" "$@" >"$work/$batch.tap" 2>"$work/$batch.err" \
		</dev/null || status=$?
	sed 's/^/# /' "$work/$batch.err"
	sed -n 's/^ok [0-9]* - /0 /p; s/^not ok [0-9]* - /1 /p; s/^# /x /p' "$work/$batch.tap" >"$work/$batch.claims"
	while read -r failed text; do
		if [ "$failed" = x ]; then
			echo "# $text"
			continue
		fi
		guest=${text%%:*}
		guests=$((guests + 1)) bad=$((bad + failed))
		claim "$failed" "$batch: $guest ends as expected"
		[ ! -f "$work/$batch/$guest.nwt" ] || [ -z "${NW_KEEP_TRACES:-}" ] || keep "$batch/$guest"
		if [ -f "$work/$batch/$guest.nwt" ] && deadlines "$batch/$guest"; then
			claim 0 "$batch: $guest, notify VM exits at their deadlines ($exits)"
		else
			claim 1 "$batch: $guest, notify VM exits at their deadlines"
		fi
	done <"$work/$batch.claims"
	[ "$guests" -gt 0 ] || claim 1 "$batch: nwsim run ran guests"
}

# keep NAME: "make coverage" counts the notify exits of every trace, once.
keep() {
	[ -z "${last_kept:-}" ] || ! cmp -s "$work/$1.nwt" "$last_kept" || return 0
	kept=$((${kept:-0} + 1))
	last_kept=$NW_KEEP_TRACES/$(basename "$0" .sh)-$kept-$(echo "$1" | tr / -).nwt
	cp "$work/$1.nwt" "$last_kept"
}

# deadlines NAME: the number of notify exits of the trace in $exits; status 1 when the oracle finds one that is not at its
# deadline, missing or extra.
# shellcheck disable=SC2034 # read by the callers
deadlines() {
	[ -z "${NW_KEEP_TRACES:-}" ] || keep "$1"
	exits=$("$CHECK_TRACE" "$work/$1.nwt" 2>"$work/deadlines.err") || {
		sed 's/^/# /' "$work/deadlines.err"
		return 1
	}
}
