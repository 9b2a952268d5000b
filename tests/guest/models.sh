#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# P15: which CPU models have the feature. Sapphire Rapids has it; older models have not; client models that are newer are
# not known to have it, and get it by feature=on. Field and control are right on models without EPT, too.

. "${srcdir:-.}/tests/guest/lib.sh"

# feature NAME BIT TEXT: did vmcs-secondary of that run find bit 63 of MSR 0x48B so?
feature() {
	holds "$3: MSR 0x48B bit 63 is $2" grep -q "^# MSR 0x48B bit 63: $2" "$work/$1/vmcs-secondary.out"
}

for model in sapphire_rapids arrow_lake tigerlake corei7_skylake_x corei7_haswell_4770 corei7_ivy_bridge_3770k corei5_arrandale_m520; do
	names="vmcs-field vmcs-secondary vmx-capability"
	case $model in *ivy_bridge* | *arrandale*) ;; *) names="$names vmcs-shadow" ;; esac
	for choice in model on off; do
		# shellcheck disable=SC2086 # several words
		run_several "$model-$choice" $names --cpu="$model" --param="feature=$choice"
		case $choice-$model in
		on-* | model-sapphire_rapids) feature "$model-$choice" 1 "$model, feature=$choice" ;;
		*)
			feature "$model-$choice" 0 "$model, feature=$choice"
			holds "$model, feature=$choice: VM entry with the control set fails with error 7" \
				grep -q '^ok .*error 7' "$work/$model-$choice/vmcs-field.out"
			;;
		esac
	done
	for choice in on off; do
		grep IA32_VMX_VMCS_ENUM: "$work/$model-$choice/vmcs-secondary.out" >"$work/enum-$choice" || :
	done
	holds "$model: there is an IA32_VMX_VMCS_ENUM" test -s "$work/enum-on"
	holds "$model: the same with the feature as without" cmp "$work/enum-on" "$work/enum-off"
done

# Without EPT or unrestricted guest: field and control only.
for model in corei5_lynnfield_750 core2_penryn_t9600; do
	for choice in model on; do
		run_several "$model-$choice" vmcs-secondary --cpu="$model" --param="feature=$choice"
		feature "$model-$choice" "$([ $choice = on ] && echo 1 || echo 0)" "$model, feature=$choice"
	done
done
# Without VMX, or without 64-bit mode, the choice means nothing to these guests.
for model in pentium p4_prescott_celeron_336 core_duo_t2400_yonah ryzen; do
	run_several "$model" vmcs-secondary vmcs-field --cpu="$model" --param=feature=on --expect=skip
done

# A 386 has not even CPUID, which every Multiboot guest executes: it is the guest that ends, not the simulator.
run_several i386 hello --cpu=i386 --param=feature=on --expect=shutdown

# A client model that is given the feature: the attack ends, with the ratio of its own clocks.
run_several client ac-loop np-loop vmcs-window --cpu=arrow_lake --param=feature=on
run_several client-without ac-loop vmcs-window --cpu=arrow_lake --expect=skip
plan
