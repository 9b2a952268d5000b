#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What a run leaves: serial output, report, JSON, trace, log, kept directory; and the commands that show tables.

. "${srcdir:-.}/tests/cli/lib.sh"
guest=$work/guest.elf

FAKE=pass nwsim run "$guest"
has out '^ok 2 - second' "serial output is on standard output"
has out 'ended by  *guest_exit, exit code 0; 2 of 2 tests ok' "end of the guest"
has out 'simulated time  50000 TSC ticks, 568.18 crystal clocks' "simulated time"
has out ' 2  reason 75, ' "exits by reason"
has out 'notify VM exits 2, taken exactly at D: 2' "notify exits"
has out '  1  *1000  *11.36  *128  *12264  *139.36  *+0  0x000  0x80000b11  delivery' "s, N, D in both units"
has out ' 11264  *128.00  delivery  *17  non-root 0x7c00' "largest gaps"

FAKE=pass nwsim run --json --window 3 --stall phase=delivery,vector=17,clocks=9 --trace "$work/t.nwt" "$guest"
has err '^ok 2 - second' "with --json serial output is on standard error"
has_not out '^ok' "and not on standard output"
has out '^  "ok 2 - second"' "but in the report"
has out '^ "exit_code": 0' "exit code"
has out '^   "reason": 75,' "reason of a notify exit"
has out '^   "s": 1000,' "s"
has out '^   "n": 128,' "N"
has out '^   "d": 12264,' "D"
has out '^   "tick": 12264,' "tick of the exit"
has out '^   "late": 0,' "tick - D"
has out '^ "cmdline": "guest.elf window=3"' "command line of the guest: its name and the window"
has out '^  "phase=delivery,vector=17,clocks=9"' "stall rules"
has out '^  "hang_limit": 10000000' "parameters"
FAKE=bytes nwsim run --json "$guest"
result 0 "serial output that is no UTF-8"
has out 'ok 1 - .uFFFD.u00E4.uFFFD.uFFFD.uFFFD end"' "becomes replacement characters, the rest stays"

# The trace repeats the run: two runs give the same bytes, whatever the directory's name.
FAKE=pass nwsim run --window 3 --stall phase=delivery,vector=17,clocks=9 --trace "$work/u.nwt" "$guest"
ok "$(cmp -s "$work/t.nwt" "$work/u.nwt" && echo 0 || echo 1)" "two runs, two equal traces"
nwsim trace dump "$work/t.nwt"
result 0 "trace dump"
has out '^# clock.num=176' "configuration: clock"
has out '^# build.1=compiler flags' "configuration: build flags"
has out "^# hash.guest=$(sha256sum "$guest" | cut -d' ' -f1)" "configuration: SHA-256 of the guest"
has out "^# hash.bios=$(sha256sum "$NWSIM_DATA/bios.rom" | cut -d' ' -f1)" "configuration: SHA-256 of the BIOS"
has out '^# stall.0=phase=delivery,vector=17,clocks=9' "configuration: stall rules"
has out "^# options=.*--window 3" "configuration: options"
has_not out "$work" "no path of this machine"
has out 'expiry .*N=128' "records"
nwsim trace summary "$work/t.nwt"
has out 'notify VM exits 2, taken exactly at D: 2' "trace summary"
nwsim trace summary --json "$work/t.nwt"
has out '^  "guest": "guest.elf"' "trace summary --json: configuration"
has out '^ "notify_total": 2' "trace summary --json: exits"
head -c 200 "$work/t.nwt" >"$work/short.nwt"
nwsim trace summary "$work/short.nwt"
result 2 "a cut trace is refused"

echo old >"$work/keep.nwt"
FAKE=crash nwsim run --trace "$work/keep.nwt" "$guest"
ok "$([ "$(cat "$work/keep.nwt")" = old ] && echo 0 || echo 1)" "without a new trace the old file stays"
FAKE=pass nwsim run --trace "$work/keep.nwt" "$guest"
nwsim trace summary "$work/keep.nwt"
result 0 "and a new one replaces it"

FAKE=panic nwsim run --log "$work/log" "$guest"
has log 'out of ideas' "--log keeps the simulator's log"

FAKE=pass nwsim run --keep "$work/kept" --uart baud --idle step --time-limit 1.5 --param skip=0 --ips 1000000 "$guest"
result 0 "--keep"
has kept/bochsrc '^nwsim: uart=baud' "bochsrc: uart"
has kept/bochsrc '^nwsim: idle=step' "bochsrc: idle"
has kept/bochsrc '^nwsim: time_limit=1500000' "bochsrc: time limit"
has kept/bochsrc '^nwsim: param=skip:0' "bochsrc: parameters"
has kept/bochsrc '^cpu: count=1:1:1, quantum=64, model=sapphire_rapids, ips=1000000, ' "bochsrc: cpu"
has_not kept/bochsrc "$work" "bochsrc: plain names only"
ok "$([ ! -e "$work/kept/com1" ] && echo 0 || echo 1)" "the serial pipe is not kept"

# A directory for temporary files whose name no bochsrc could hold.
mkdir "$work/a \$b\",#c"
TMPDIR="$work/a \$b\",#c" FAKE=pass nwsim run "$guest"
result 0 "an odd name of the temporary directory"

FAKE=rows nwsim linux --iso "$work/cd.iso"
has out '^  kernel  *patch series  *scenario  *window  *KVM_EXIT_NOTIFY  *notify_window_exits  *L0 ticks' "table of linux"
has out '^  5.10.0  *-  *one  *0  *2  *2  *17' "row of the VMM"
has out '^  5.10.0  *-  *two  *0  *0  *0  *-$' "a number the VMM does not know"
has out '^    one  *11.36 -> 139.36 (N = 128)' "time of each exit of a row"
FAKE=rows nwsim linux --json --iso "$work/cd.iso"
has out '^   "notify_window_exits": 2' "rows in JSON"

nwsim list
has out '^  listed  a guest with options \[--window 7' "list: guest, claim, options"
has out '(expected: hung)' "list: expectation"
nwsim params
has out '^threshold  *P1  *default 131072 crystal, range 0..' "params"
nwsim params --json
has out '"name": "hang_limit"' "params --json"
nwsim --version
has out '^nwsim' "--version"
for c in run linux list params trace; do
	nwsim $c --help
	result 0 "$c --help"
done
clean "no temporary files are left"
done_testing
