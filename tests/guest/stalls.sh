#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Stalls and what their VM exits record, with the parameters and rules that the guests' own runs (guests.sh) do not have:
# P10, P11, P12, P20, rules by address, stalls in VMX root operation.

. "${srcdir:-.}/tests/guest/lib.sh"

# passes NAME TEXT GUEST OPTION...: claims that the guest passes; NAME is the trace's.
passes() {
	name_=$1
	text_=$2
	shift 2
	run "$name_" run "$@"
	claim "$status" "$1: $text_"
}

# fails NAME TEXT GUEST OPTION: claims that a claim of the guest fails (exit status 1): it is none that cannot fail.
fails() {
	text_=$2
	run "$1" run "$3" "$4" >"$work/fails" # the failed claims are no news
	holds "$3: $text_" test "$status" -eq 1
}

# P10, P12: what the record looks like
passes before "saved_rf=before" record-delivery --param=saved_rf=before --append=rf_before=1
fails image "notices saved_rf" record-delivery --param=saved_rf=before
fails silent "notices vectoring=0" record-delivery --param=vectoring=0
passes junk "undefined=junk" record-undefined --param=undefined=junk --append=junk=1
fails zero "notices undefined=junk" record-undefined --param=undefined=junk
for guest in record-delivery record-blocking stall-entry stall-task-switch ac-loop np-loop; do
	passes junk "the defined fields are the same with undefined=junk" "$guest" --param=undefined=junk
done
fails junk-length "needs the length of the instruction, which junk-length takes away" record-delivery --param=undefined=junk-length
passes junk-length "undefined=junk-length" record-undefined --param=undefined=junk-length --append=junk=1
passes junk "the defined fields are the same with undefined=junk" record-iret --param=undefined=junk --append=junk=1

# P11: every kind of damage, deterministic
number_=0
for damage in poison stale random msrs; do
	for guest in context-fields context-reenter; do
		passes "$guest" "context_damage=$damage" "$guest" --param="context_damage=$damage" --append="damage=$number_"
	done
	number_=$((number_ + 1))
done
lost() {
	run lost run context-fields --param=context_damage=random --append=damage=2 --param="seed=$1"
	grep '^# RIP' "$work/lost.out"
}
lost 5 >"$work/a"
lost 5 >"$work/b"
lost 6 >"$work/c"
holds "random damage repeats with the seed" cmp "$work/a" "$work/b"
if cmp -s "$work/a" "$work/c"; then claim 1 "another seed, other damage"; else claim 0 "another seed, other damage"; fi
passes policy "context_invalid=always" context-rule --param=context_invalid=always --append=policy=1

# P20 concerns instructions only; other phases time out where they are
for guest in stall-entry stall-task-switch record-iret; do
	passes complete "atomic=complete" "$guest" --param=atomic=complete
done

# Beside a CPU that is never behind, what follows a stall waits its turn
for guest in record-delivery record-iret record-blocking stall-entry stall-task-switch; do
	passes busy "beside a busy CPU" "$guest" --cpus=2 --append=busy=1
done
passes busy "beside a busy CPU" stall-complete --cpus=2 --append=busy=1
passes order "with quantum 1" stall-order --quantum=1

# A rule by address
run address run stall-instruction
address=$(sed -n 's/^# NOP at \(0x[0-9a-f]*\).*/\1/p' "$work/address.out")
passes rip "a rule with rip=$address" stall-instruction --stall="phase=instruction,rip=$address,clocks=200000" --append=rip=1

# In VMX root operation nothing ends a stall
run root run record-iret --stall=phase=iret,mode=root,clocks=forever
holds "an IRET of L0 that stalls for ever hangs: exit status 3" test "$status" -eq 3
run nobody run stall-entry --stall=phase=entry,mode=any,clocks=forever --param=hang_limit=100000 --expect=hung
claim "$status" "a VM entry that stalls for ever without the control hangs"

# KVM reads nothing of what is undefined
if [ -f guests/linux/bzImage-5.10 ] || [ -f guests/linux/bzImage-6.1 ]; then
	run linux linux --param=undefined=junk
	claim "$status" "all scenarios of the VMM with undefined=junk"
	run linux linux --stall=phase=delivery,vector=3,nth=3,clocks=forever,context=invalid -- \
		nw.scenario=delivery-stall nw.context=invalid
	claim "$status" "VM_CONTEXT_INVALID by a stall rule: the VMM expects it and stops"
fi
plan
