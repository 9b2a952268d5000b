#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The record of a notify exit in every mode, and what functional coverage makes of the traces: the guest record has to
# agree with what the guest record-modes knows it has entered.

. "${srcdir:-.}/tests/guest/lib.sh"


run modes run record-modes
claim "$status" "every mode, privilege level, event and blocking"
run invalid run record-modes --param=context_invalid=always --append=invalid=1
claim "$status" "the same with VM_CONTEXT_INVALID"
run novector run record-modes --param=vectoring=0 --append=vectoring=0
claim "$status" "the same without IDT-vectoring information (P9)"

for field in mode cpl nmi_control interruptibility; do
	"$NWSIM" trace dump "$work/modes.nwt" | sed -n "s/.* guest .*[ ]$field=\([^ ]*\).*/\1/p; s/.* guest $field=\([^ ]*\).*/\1/p" |
		sort -u | tr '\n' ' ' >"$work/$field"
done
holds "the trace has all six modes" grep -qx '64bit compatibility protected16 protected32 real v8086 ' "$work/mode"
holds "... and privilege levels 0 to 3" grep -qx '0 1 2 3 ' "$work/cpl"
holds "... and virtual NMIs or none" grep -qx 'exiting not_exiting virtual_nmis ' "$work/nmi_control"

"$NWSIM" coverage --html="$work/coverage.html" "$work/modes.nwt" "$work/invalid.nwt" "$work/novector.nwt" >"$work/text"
claim $? "no exit contradicts a rule of functional coverage"
holds "the exits were counted" grep -q '^[1-9][0-9]* notify VM exits in 3 traces$' "$work/text"
for bin in cause=stall_rule event=privileged_exception nmi=virtual_nmi mode=v8086; do
	holds "no hole is left in ${bin%=*} for stalls: ${bin#*=}" sh -c \
		"grep -A9 '^${bin%=*}: ' '$work/text' | grep -q '^  ${bin#*=}  *[1-9]'"
done
holds "the HTML report is there" grep -q '</html>' "$work/coverage.html"
status=0
"$NWSIM" coverage --require=pairs "$work/modes.nwt" >"$work/text" || status=$?
holds "holes are told, with --require by the exit status, too" sh -c "test $status -eq 1 && grep -q '  hole: ' '$work/text'"
plan
