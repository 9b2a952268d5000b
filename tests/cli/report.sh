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

FAKE=pass nwsim run --cpus 3 "$guest"
has out '^  *#  CPU  *s .TSC.' "several CPUs: which one exited has a column"
has out '^  *1    0  *1000 ' "several CPUs: the first"
has out '^  *2    2  *21000 ' "several CPUs: the last"
has out '^  *CPU  *length .TSC.' "several CPUs: so it has for gaps"
has out '^  *2  *11264  *128.00  delivery' "several CPUs: the gap of the last"
FAKE=pass nwsim run --json --cpus 3 "$guest"
ok "$([ "$(grep -c '^   "cpu": 2,' "$work/out")" -eq 2 ] && echo 0 || echo 1)" "several CPUs: in JSON each exit and each gap has its own"
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
has out '^# build.\*: [1-9][0-9]* line.*--config' "configuration: how the simulator was built is one line"
has out "^# hash.guest=$(sha256sum "$guest" | cut -d' ' -f1)" "configuration: SHA-256 of the guest"
has out "^# hash.bios=$(sha256sum "$NWSIM_DATA/bios.rom" | cut -d' ' -f1)" "configuration: SHA-256 of the BIOS"
has out '^# stall.0=phase=delivery,vector=17,clocks=9' "configuration: stall rules"
has out "^# options=.*--window 3" "configuration: options"
has_not out "$work" "no path of this machine"
has out 'expiry .*N=128' "records"
cp "$work/out" "$work/default"
nwsim trace dump --config "$work/t.nwt"
has out '^# build.1=compiler flags' "trace dump --config: build flags"
has_not out '^# build.\*' "trace dump --config: nothing is left out"
nwsim trace dump --no-config "$work/t.nwt"
has_not out '^#' "trace dump --no-config"
ok "$(grep -v '^#' "$work/default" | cmp -s - "$work/out" && echo 0 || echo 1)" "and the records are the same"
records() { # COUNT ARGUMENTS...
	count=$1
	shift
	nwsim trace dump --no-config "$@"
	ok "$([ "$status" -eq 0 ] && [ "$(wc -l <"$work/out")" -eq $((count + 1)) ] && echo 0 || echo 1)" "trace dump $*: $count records"
}
records 9 "$work/t.nwt"
records 4 --type expiry,vm_exit "$work/t.nwt"
has_not out ' gap ' "trace dump --type: no other types"
records 1 --type verdict --from 50000 --to 50000 "$work/t.nwt"
records 0 --from 50001 "$work/t.nwt"
records 4 --to 0x2fe8 "$work/t.nwt"
FAKE=pass nwsim run --cpus 2 --trace "$work/two.nwt" "$guest"
records 4 --cpu 1 "$work/two.nwt"
has_not out ' cpu0 ' "trace dump --cpu: no other CPU"
nwsim trace summary "$work/t.nwt"
has out 'notify VM exits 2, taken exactly at D: 2' "trace summary"
nwsim trace summary --json "$work/t.nwt"
has out '^  "guest": "guest.elf"' "trace summary --json: configuration"
has out '^ "notify_total": 2' "trace summary --json: exits"
nwsim coverage "$work/t.nwt"
result 0 "coverage"
has out '^0 notify VM exits in 1 trace (2 more' "coverage: numbers and their words"
nwsim coverage "$work/t.nwt" "$work/t.nwt"
cp "$work/out" "$work/both"
nwsim coverage --html "$work/c.html" "$work/t.nwt" "$guest" "$work/t.nwt"
result 2 "coverage: a file that is no trace"
has err 'guest.elf: ' "coverage: which is named"
ok "$(cmp -s "$work/both" "$work/out" && [ ! -e "$work/c.html" ] && echo 0 || echo 1)" \
	"coverage: the others are shown, a page is not written"
head -c 200 "$work/t.nwt" >"$work/short.nwt"
nwsim trace summary "$work/short.nwt"
result 2 "a cut trace is refused"

# One name for each cause and for each end, whoever says it.
causes() { # FILE: the causes of notify exits in a dump, in a report
	sed -n 's/.* expiry .* cause=\([a-z_]*\) .*/\1/p; s/^    *[0-9]* .* 0x00000000  \([a-z_]*\)$/\1/p' "$work/$1"
}
FAKE=causes nwsim run --trace "$work/causes.nwt" "$guest"
result 0 "a notify exit of each cause"
causes out >"$work/said"
nwsim trace dump "$work/causes.nwt"
causes out >"$work/dumped"
ok "$([ "$(wc -l <"$work/said")" -ge 5 ] && cmp -s "$work/said" "$work/dumped" && echo 0 || echo 1)" \
	"the report calls the causes as the dump does"
nwsim trace summary --json "$work/causes.nwt"
sed -n 's/^   "cause": "\(.*\)",$/\1/p' "$work/out" | sort -u >"$work/said"
ok "$(sort -u "$work/dumped" | cmp -s - "$work/said" && echo 0 || echo 1)" "and so does the JSON report"
has_not out unknown "and knows them all"

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
# In a pipe nothing is wrapped, at a width everything is. Words are not cut.
fits() { # COLUMNS DESCRIPTION: no longer line, but for single words
	ok "$(awk -v max="$1" 'length > max && NF > 1 { bad = 1 } END { print bad + 0 }' "$work/out")" "$2"
}
words() {
	tr " " "\n" <"$work/out" | grep .
}
for c in list params; do
	nwsim $c
	words >"$work/unwrapped"
	for columns in 40 60 80; do
		COLUMNS=$columns nwsim $c
		fits $columns "$c at $columns columns"
		ok "$(words | cmp -s - "$work/unwrapped" && echo 0 || echo 1)" "$c at $columns columns says the same"
	done
done
nwsim params
ok "$([ "$(wc -L <"$work/out")" -gt 100 ] && echo 0 || echo 1)" "params in a pipe: long lines"
nwsim list --json
has out '"options": "--window 7 --threshold 8crystal --append own=1"' "list --json: options"
has out '"expected": "hung"' "list --json: expectation"
ok "$([ "$(grep -c '"name":' "$work/out")" -eq 3 ] && echo 0 || echo 1)" "list --json: all guests"
nwsim --version
has out '^nwsim' "--version"
for c in run linux list params trace coverage snapshot; do
	nwsim $c --help
	result 0 "$c --help"
	has_not out '^  *$' "$c --help: no line of blanks"
done
# The man page knows every option and every member of JSON.
sed 's/\\-/-/g; s/\\f[BIPR]//g' "${srcdir:-.}/docs/nwsim.1" >"$work/manual"
unnamed() { # the words of standard input that the man page does not have
	while read -r word; do grep -q -e "\(^\|[^a-z_-]\)$word\($\|[^a-z_-]\)" "$work/manual" || echo "# not in nwsim(1): $word"; done
}
for c in run linux list params trace coverage snapshot; do
	nwsim $c --help
	sed -n 's/^ \{2,6\}\(-., \)\{0,1\}\(--[a-z-]*\).*/\2/p' "$work/out" | grep -v -e '^--help$' -e '^--usage$' -e '^--version$' |
		unnamed >"$work/unnamed"
	cat "$work/unnamed"
	ok "$([ ! -s "$work/unnamed" ] && echo 0 || echo 1)" "$c --help: every option is in the man page"
done
# shellcheck disable=SC2086 # they are words
for how in 'run listed' 'run listed hangs' 'linux' 'list'; do
	case $how in
	linux) FAKE=rows nwsim linux --json --iso "$work/cd.iso" ;;
	*) FAKE=pass nwsim $how --json ;;
	esac
	sed -n 's/^ *"\([a-z][a-z_]*\)":.*/\1/p' "$work/out" | sort -u >"$work/members"
	"$NWSIM" params --json | sed -n 's/.*"name": "\(.*\)",/\1/p' | sort >"$work/params" # these are in nwsim params
	printf '%s\n' kernel scenario exit_notify notify_window_exits l0_ticks | sort >"$work/rows" # and these the VMM's
	comm -23 "$work/members" "$work/params" | comm -23 - "$work/rows" | unnamed >"$work/unnamed"
	cat "$work/unnamed"
	ok "$([ -s "$work/members" ] && [ ! -s "$work/unnamed" ] && echo 0 || echo 1)" "$how --json: every member is in the man page"
done
rm -rf "$TMPDIR"/nwsim-failed-*
clean "no temporary files are left"
done_testing
