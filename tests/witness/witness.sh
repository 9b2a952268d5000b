#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Each guest runs in the simulator and in the witness build, which is made without traces of instructions: the traces have
# the same content, and the gaps, VM entries and VM exits in them are those that the witness saw by itself.
#
# WITNESS_GUESTS="NAME...", or all: other guests than those below.

. "${srcdir:-.}/tests/guest/lib.sh"

WITNESS=${WITNESS:-$PWD/bochs-witness/bochs}
CHECK_WITNESS=${CHECK_WITNESS:-$PWD/tests/witness/check_witness}
if [ ! -x "$WITNESS" ]; then
	echo "1..0 # SKIP no bochs-witness/bochs: make witness"
	exit 0
fi

# content FILE: the records of a trace, without its head, which names the simulator
content() {
	"$NWSIM" trace dump "$1" | grep ' cpu[0-9]* '
}

some='ac-loop np-loop loop-db loop-db-ac loop-db-record loop-breakpoint loop-alternate loop-inject loop-events loop-skip-tss
	loop-smp-gate normal-work window-order window-shadow window-inactive window-trap window-rep window-smm magic-nop
	stall-instruction stall-cpu stall-entry stall-complete stall-order context-invalid record-delivery record-iret smp-window
	smp-pending vmcs-window reset'
case ${WITNESS_GUESTS:-} in
'') chosen=$some ;;
all) chosen=$("$NWSIM" list | sed -n 's|^  \([^ ]*\) .*|\1|p') ;;
*) chosen=$WITNESS_GUESTS ;;
esac

guests=0 boundaries=0 gaps=0 entries=0 vm_exits=0 different=0
for guest in $chosen; do
	rm -rf "$work/kept" "$work"/*.nwt
	run plain run "$guest"
	run witness run "$guest" --simulator="$WITNESS" --keep="$work/kept"
	content "$work/plain.nwt" >"$work/a"
	content "$work/witness.nwt" >"$work/b"
	holds "$guest: the trace does not depend on how instructions are executed" cmp "$work/a" "$work/b"
	if counts=$("$CHECK_WITNESS" "$work/witness.nwt" "$work/kept/witness" 2>"$work/differ"); then
		claim 0 "$guest: the witness has seen what the trace says, and nothing else"
	else
		sed 's/^/# /' "$work/differ"
		claim 1 "$guest: the witness has seen what the trace says, and nothing else"
		different=$((different + 1))
		continue
	fi
	# shellcheck disable=SC2086 # five numbers
	set -- $counts
	guests=$((guests + 1)) boundaries=$((boundaries + $1)) gaps=$((gaps + $2))
	entries=$((entries + $3)) vm_exits=$((vm_exits + $4))
done
echo "# witness: $guests guests, $boundaries boundaries, $gaps gaps, $entries VM entries, $vm_exits VM exits equal; $different guests differ"
plan
