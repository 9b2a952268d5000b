#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# How the end of a run becomes a verdict and an exit status. The simulator is a stand-in.

. "${srcdir:-.}/tests/cli/lib.sh"
guest=$work/guest.elf

ends() { # BEHAVIOUR STATUS VERDICT
	FAKE=$1 nwsim run "$guest"
	result "$2" "$1: exit status $2"
	has out "^nwsim: guest.elf: $3" "$1: verdict $3"
	FAKE=$1 nwsim run --json "$guest"
	result "$2" "$1: exit status $2 with --json"
	has out "^ \"verdict\": \"$3\"" "$1: verdict $3 in JSON"
}

ends pass 0 pass
ends crlf 0 pass
ends fail 1 fail
ends lies 1 fail
ends lost-test 1 error
ends no-plan 1 error
ends silent 1 error
ends error 1 error
ends skip 1 skip
ends code77 1 error
ends hung 3 hung
ends time-limit 1 time_limit
ends shutdown 1 shutdown
ends power-off 1 power_off
ends reset 1 reset
ends gave-up 4 fault
ends no-verdict 4 fault
ends no-trace 4 fault
ends bad-trace 4 fault
ends panic 4 fault
ends crash 4 fault

# A guest that did not ask for the simulator's signature: 0 is its success, no test lines are needed.
ends foreign 0 pass
ends foreign-tap 1 fail
ends foreign-3 1 fail
ends reset 1 reset
FAKE=foreign-3 nwsim run "$guest"
has out 'foreign_exit, exit code 3' "the foreign exit code is shown"
FAKE=foreign-3 nwsim run --exit-status guest "$guest"
result 3 "the foreign exit code is passed on"
FAKE=linux-panic nwsim run --expect reset "$guest"
result 0 "a kernel that panics and resets"
has out 'kernel panic    VFS: no root' "the reason of its panic"

# What a file is decides how it starts.
FAKE=silent nwsim run "$work/cd.iso" --keep "$work/kept-cd"
has kept-cd/bochsrc '^boot: cdrom' "an ISO 9660 image is a CD-ROM"
FAKE=silent nwsim run "$work/disk.img" --keep "$work/kept-disk"
has kept-disk/bochsrc '^ata0-master: .*mode=volatile' "a disk image is a disk that is not written"
FAKE=silent nwsim run --disk "$work/disk.img" --disk-write --keep "$work/kept-flat"
has kept-flat/bochsrc '^ata0-master: .*mode=flat' "--disk-write"
FAKE=foreign nwsim run "$guest" --initrd "$work/sector.bin,a b" --initrd "$work/disk.img" --append w --keep "$work/kept"
has kept/bochsrc '^nwsim: platform=test' "a Multiboot file gets fw_cfg and the test device"
has kept/config '^cmdline=guest.elf w$' "its name comes first on the command line"
has kept/config '^module.0=sector.bin a b$' "modules: name and words"
has kept/config '^hash.module.1=' "modules: hash"
FAKE=pass nwsim run listed --keep "$work/kept-listed"
has_not kept-listed/bochsrc platform "a listed guest does not"

# Why the simulator failed.
FAKE=panic nwsim run "$guest"
has out 'status 1: out of ideas' "the last panic is shown"
FAKE=gave-up nwsim run "$guest"
has out 'gave up: exit with error' "a panic that the simulator survived is shown"
FAKE=quits nwsim run "$guest"
has out 'status 1: no more disk' "its last words are shown"
FAKE=crash nwsim run "$guest"
has out 'signal 11 (Segmentation fault)' "the signal is named"
FAKE=no-trace nwsim run "$guest"
has out 'left no trace' "a missing trace is named"
FAKE=no-verdict nwsim run "$guest"
has out 'without a verdict' "a missing verdict is named"

# Expectations.
for pair in hung:hung time-limit:time_limit shutdown:shutdown power-off:power_off reset:reset fail:fail skip:skip panic:fault; do
	FAKE=${pair%:*} nwsim run --expect "${pair#*:}" "$guest"
	result 0 "${pair#*:} is met when expected"
done
FAKE=pass nwsim run --expect hung "$guest"
result 1 "a pass is not met when a hang is expected"
has out '(expected hung)' "the expectation is shown"

# Host time. Nothing is said of the guest, and no expectation is met.
for how in waits stubborn; do
	FAKE=$how nwsim run --host-limit 0.3 --expect fault --trace "$work/limited.nwt" "$guest"
	result 4 "$how: exit status 4 at the limit of host time"
	has out '^nwsim: guest.elf: host_limit (expected fault)' "$how: verdict host_limit"
	has out 'simulator  *it was stopped after [0-9.]* s of host time; --host-limit SECONDS' "$how: and the remedy"
done
ok "$([ ! -e "$work/limited.nwt" ] && echo 0 || echo 1)" "no trace is left of it"
FAKE=waits nwsim run --json --host-limit 0.3 listed
result 4 "the limit of a listed guest"
has out '^ "verdict": "host_limit"' "host_limit in JSON"
FAKE=pass nwsim run --json listed
has out '^ "host_limit_seconds": 600' "listed guests have a limit by default"
FAKE=pass nwsim run --json --host-limit 0 listed
has out '^ "host_limit_seconds": null' "0 takes it away"
FAKE=pass nwsim run --json "$guest"
has out '^ "host_limit_seconds": null' "files have none"

# --exit-status guest.
FAKE=code77 nwsim run --exit-status guest "$guest"
result 77 "the guest's own exit code"
FAKE=pass nwsim run --exit-status guest --expect hung "$guest"
result 0 "the guest's own exit code 0"
FAKE=hung nwsim run --exit-status guest "$guest"
result 3 "a guest without exit code: hung"
FAKE=crash nwsim run --exit-status guest "$guest"
result 4 "a guest without exit code: simulator fault"
FAKE=fail nwsim run --exit-status guest --exit-status verdict --expect fail "$guest"
result 0 "the last --exit-status counts"

# The list's options and expectation, and the user's over them.
FAKE=pass nwsim run --json listed
result 0 "listed guest"
has out '^ "cmdline": "window=7 own=1"' "the list's options reach the guest"
has out '^  "threshold": 8,' "the list's threshold is in force"
FAKE=pass nwsim run --json --threshold 5tsc listed --window 9 --append more
has out '^ "cmdline": "window=9 own=1 more"' "the user's options come after the list's"
has out '^  "threshold": 5,' "the user's threshold wins"
has out '^  "threshold_unit": "tsc"' "with its unit"
FAKE=hung nwsim run hangs
result 0 "the list's expectation"
FAKE=pass nwsim run hangs
result 1 "the list's expectation is not met"
FAKE=pass nwsim run --expect pass hangs
result 0 "the user's expectation wins"

# The environment of the simulator.
FAKE=facts nwsim run "$guest"
result 0 "the simulator's environment"

# What Linux runs may print its tests or not; a kernel is needed only for its kind to be checked.
FAKE=silent nwsim linux --iso "$work/cd.iso"
result 0 "exit code 0 is enough when the system is not ours"
FAKE=lies nwsim linux --iso "$work/cd.iso"
result 1 "but failed test lines count"
clean "no temporary files are left"
done_testing
