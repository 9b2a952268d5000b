#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A panic of the simulator: exit status 4, the message as the reason, a trace that is complete. A guest that spins: the limit of
# host time ends it.

. "${srcdir:-.}/tests/guest/lib.sh"

is() {
	[ "$1" = "$2" ]
}

run panic run bios-panic --expect=pass
holds "exit status 4" is "$status" 4
holds "verdict fault" grep -q "^nwsim: bios-panic: fault" "$work/panic.out"
holds "the message is the reason" grep -q "bios-panic: the guest gives up" "$work/panic.out"
holds "what the guest said before is there" grep -q "^# now" "$work/panic.out"
holds "nothing comes after it" is "$(grep -c "after a panic" "$work/panic.out")" 0
"$NWSIM" trace dump "$work/panic.nwt" >"$work/dump" 2>&1
holds "the trace can be read to its end, which is the verdict" grep -q "verdict.*fault" "$work/dump"

# A boot sector of zeros: add %al,(%bx,%si) for ever.
{ dd if=/dev/zero bs=510 count=1 2>/dev/null; printf '\125\252'; } >"$work/spin"
run spin run "$work/spin" --host-limit=1
holds "a guest that spins: exit status 4" is "$status" 4
holds "verdict host_limit" grep -q "^nwsim: spin: host_limit" "$work/spin.out"
plan
