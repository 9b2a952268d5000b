#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What the simulator itself says of options in the bochsrc that nwsim would not write, and that an ordinary bochsrc may have.
# shellcheck disable=SC2016 # the $ of sed

. "${srcdir:-.}/tests/guest/lib.sh"

SIMULATOR=${SIMULATOR:-$PWD/bochs/bochs}

# edited SCRIPT: the simulator, with the bochsrc that nwsim wrote changed by sed
edited() {
	cat >"$work/simulator" <<EOF
#!/bin/sh
sed -i -e '$1' bochsrc
exec "$SIMULATOR" "\$@"
EOF
	chmod +x "$work/simulator"
	status=0
	"$NWSIM" run hello --simulator="$work/simulator" --trace="$work/edited.nwt" >"$work/out" 2>&1 </dev/null || status=$?
}

# refused TEXT SCRIPT PHRASE: the run ends before the guest starts, and the report says why
refused() {
	edited "$2"
	[ "$status" -eq 4 ] || sed 's/^/# /' "$work/out"
	holds "$1: exit status 4" test "$status" -eq 4
	holds "$1: says what is accepted" grep -q "$3" "$work/out"
	holds "$1: no trace is left" test ! -e "$work/edited.nwt"
}

refused "a value that is no choice" 's/uart=fast/uart=slow/' "uart='slow' is not accepted; fast or baud"
refused "a parameter without value" '$a nwsim: param=threshold' "param='threshold' is not accepted; NAME:VALUE"
refused "a parameter that does not exist" '$a nwsim: param=treshold:1' "'treshold': no such parameter; threshold, "
refused "a stall rule without clocks" '$a nwsim: stall="phase=delivery"' 'clocks'
refused "an option that does not exist" '$a nwsim: windw=1' "unknown option 'windw'; trace, config"
refused "a word that is no option" '$a nwsim: fast' "'fast' is not accepted; KEY=VALUE"
refused "a configuration file that is not there" 's|config=[^,]*|config=/nowhere/config|' "config file '/nowhere/config' cannot be read"
refused "a trace that cannot be written" 's|trace=[^,]*|trace=/nowhere/t.nwt|' '/nowhere/t.nwt'

edited '$a nwsim: stall="phase=delivery,vector=200,clocks=5"'
claim "$status" "a stall rule in quotes is accepted"
edited '$a nwsim: uart=baud, idle=step'
claim "$status" "another line overrides the first"
plan
