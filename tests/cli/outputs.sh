#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Files that nwsim writes: no link and no device is replaced, no input is overwritten, nothing is half-written, and a name
# that cannot be written is refused before anything is run.

. "${srcdir:-.}/tests/cli/lib.sh"
FAKE=pass
ulimit -c 0
guest=$work/guest.elf
out=$work/out.d
mkdir "$out"

# A trace to read, and what is in a directory besides.
nwsim run --trace "$work/good.nwt" "$guest"
result 0 "a trace"
ok "$([ "$(stat -c %a "$work/good.nwt")" = "$(printf '%o' $((0666 & ~$(umask))))" ] && echo 0 || echo 1)" \
	"its mode is that of a new file"
"$NWSIM" trace dump "$work/good.nwt" >"$work/expected"

is_trace() { # FILE DESCRIPTION
	"$NWSIM" trace dump "$1" >"$work/dump" 2>&1 || :
	ok "$(cmp -s "$work/dump" "$work/expected" && echo 0 || echo 1)" "$2"
}

only() { # DESCRIPTION NAME...: the directory has these files and no other
	text=$1
	shift
	printf '%s\n' "$@" | sed '/^$/d' | LC_ALL=C sort >"$work/names"
	find "$out" -mindepth 1 -printf '%f\n' | LC_ALL=C sort >"$work/found"
	if cmp -s "$work/names" "$work/found"; then
		ok 0 "$text"
	else
		sed 's/^/# /' "$work/found"
		ok 1 "$text"
	fi
	find "$out" -mindepth 1 -delete
}

same() { # FILE COPY DESCRIPTION
	ok "$(cmp -s "$1" "$2" && echo 0 || echo 1)" "$3"
}

refused() { # PATTERN ARGUMENTS...: before a simulator is started
	pattern=$1
	shift
	rm -f "$work/log"
	NWSIM_FAKE_LOG=$work/log FAKE=slow nwsim "$@"
	result 2 "refused: $*"
	has err "$pattern" "and the reason is said"
	ok "$([ "$(wc -l <"$work/err")" -eq 1 ] && [ ! -e "$work/log" ] && echo 0 || echo 1)" "in one line, before the run"
}

# ---- Links -----------------------------------------------------------------------------------------------------------

echo old >"$out/real"
ln -s real "$out/link"
nwsim run --trace "$out/link" "$guest"
result 0 "--trace LINK"
ok "$([ -L "$out/link" ] && [ -f "$out/real" ] && echo 0 || echo 1)" "the link stays"
is_trace "$out/real" "and its file is the trace"
only "and nothing else" link real

echo old >"$out/real"
ln -s real "$out/link"
nwsim run --log "$out/link" "$guest"
ok "$([ -L "$out/link" ] && ! grep -q old "$out/real" && echo 0 || echo 1)" "--log LINK: the link stays, its file is the log"
nwsim coverage --html "$out/link" "$work/good.nwt"
ok "$([ -L "$out/link" ] && grep -q '<html' "$out/real" && echo 0 || echo 1)" \
	"coverage --html LINK: the link stays, its file is the page"
only "and nothing else" link real

ln -s nothing "$out/link"
refused 'a link to nothing' run --trace "$out/link" "$guest"
refused 'a link to nothing' coverage --html "$out/link" "$work/good.nwt"
only "a link to nothing stays" link

# The links of /dev/stdout and the like, without touching these.
for command in "run --trace" "coverage --html"; do
	ln -s /proc/self/fd/1 "$out/stdout"
	status=0
	# shellcheck disable=SC2086 # two words
	NWSIM_FAKE=pass "$NWSIM" $command "$out/stdout" "$work/good.nwt" >"$out/report" 2>"$work/err" </dev/null || status=$?
	result 2 "$command LINK to standard output"
	has err 'standard output or standard error goes there' "and the reason is said"
	ok "$([ -L "$out/stdout" ] && [ ! -s "$out/report" ] && echo 0 || echo 1)" "nothing was replaced"
	only "nothing else is there" stdout report
done
exec 9>"$out/nine"
refused 'files of the system' run --trace /proc/self/fd/9 "$guest"
refused 'files of the system' run --log /dev/fd/9 "$guest"
refused 'files of the system' run --trace /proc/new "$guest"
refused 'files of the system' coverage --html /proc/self/fd/9 "$work/good.nwt"
exec 9>&-
only "descriptors: nothing was replaced" nine

# ---- Devices ---------------------------------------------------------------------------------------------------------

mkfifo "$out/fifo"
refused 'regular file' run --trace "$out/fifo" "$guest"
refused 'regular file' coverage --html "$out/fifo" "$work/good.nwt"
ok "$([ -p "$out/fifo" ] && echo 0 || echo 1)" "a FIFO stays"
only "nothing else is there" fifo
if mknod "$out/null" c 1 3 2>/dev/null; then
	refused 'regular file' run --trace "$out/null" "$guest"
	refused 'regular file' run --log "$out/null" "$guest"
	refused 'regular file' coverage --html "$out/null" "$work/good.nwt"
	ok "$([ -c "$out/null" ] && echo 0 || echo 1)" "a device stays"
	only "nothing else is there" null
else
	ok 0 "a device stays # SKIP only root makes devices"
fi

# ---- Inputs ----------------------------------------------------------------------------------------------------------

cp "$guest" "$out/g.elf"
cp "$work/disk.img" "$out/d.img"
ln "$out/d.img" "$out/hard"
ln -s g.elf "$out/soft"
refused 'the guest is read from there' run --trace "$out/g.elf" "$out/g.elf"
refused 'the guest is read from there' run --log "$out/g.elf" "$out/soft"
refused 'the guest is read from there' run --trace "$out/soft" "$out/g.elf"
refused 'the disk is read from there' run --trace "$out/d.img" --disk "$out/d.img"
refused 'the disk is read from there' run --log "$out/hard" --disk "$out/d.img" "$guest"
refused 'a module is read from there' run --trace "$out/d.img" --initrd "$out/d.img,words" "$guest"
refused 'the CD-ROM is read from there' run --trace "$work/cd.iso" "$work/cd.iso"
refused 'the simulator is read from there' run --trace "$NWSIM_DATA/bochs/bochs" "$guest"
refused 'the BIOS is read from there' run --trace "$NWSIM_DATA/bios.rom" "$guest"
refused 'the guest is read from there' run --trace "$NWSIM_DATA/guests/bare/listed.elf" listed
same "$out/g.elf" "$guest" "the guest is as before"
same "$out/d.img" "$work/disk.img" "the disk is as before"
only "nothing else is there" g.elf d.img hard soft
cp "$work/good.nwt" "$out/t.nwt"
refused 'a trace is read from there' coverage --html "$out/t.nwt" "$work/good.nwt" "$out/t.nwt"
same "$out/t.nwt" "$work/good.nwt" "the trace is as before"
only "nothing else is there" t.nwt

# ---- Two outputs -----------------------------------------------------------------------------------------------------

refused 'are the same file; give two' run --trace "$out/t" --log "$out/../out.d/t" "$guest"
only "a new name given twice: nothing is there" ''
echo old >"$out/t"
ln -s t "$out/l"
refused 'are the same file; give two' run --trace "$out/t" --log "$out/l" "$guest"
only "two names of one file: both stay" t l

# ---- Names that cannot be written --------------------------------------------------------------------------------------

refused 'regular file' run --trace "$out/new/" "$guest"
refused 'regular file' run --trace '' "$guest"
refused 'create it first' run --trace "$out/nosuch/t" "$guest"
refused 'create it first' coverage --html "$out/nosuch/t" "$work/good.nwt"
refused 'is not a directory' run --trace "$guest/t" "$work/sector.bin"
long=$(printf '%0250d' 0)
refused 'File name too long' run --trace "$out/${long}long.nwt" "$guest"
refused 'File name too long' coverage --html "$out/${long}long.nwt" "$work/good.nwt"
only "nothing is there" ''
nwsim run --trace "$out/$long" "$guest"
result 0 "a name of 250 characters"
is_trace "$out/$long" "is a trace"
only "and nothing else" "$long"
if [ "$(id -u)" -ne 0 ]; then
	chmod 555 "$out"
	refused 'cannot write into' run --trace "$out/t" "$guest"
	chmod 755 "$out"
elif setpriv --reuid=65534 --regid=65534 --clear-groups true 2>/dev/null; then
	chmod 755 "$work" "$out"
	setpriv --reuid=65534 --regid=65534 --clear-groups "$NWSIM" coverage --html "$out/t" "$work/good.nwt" \
		>"$work/out" 2>"$work/err" </dev/null && status=0 || status=$?
	result 2 "a directory that belongs to somebody else"
	has err "cannot write into .*Permission denied" "and the reason is said"
	has_not out . "before anything is printed"
fi

# ---- Temporary files ---------------------------------------------------------------------------------------------------

echo precious >"$out/c.html.tmp"
echo victim >"$out/victim"
ln -s victim "$out/z.html.tmp"
nwsim coverage --html "$out/c.html" "$work/good.nwt"
nwsim coverage --html "$out/z.html" "$work/good.nwt"
ok "$([ "$(cat "$out/c.html.tmp" "$out/victim")" = "$(printf 'precious\nvictim')" ] && [ ! -L "$out/z.html" ] && echo 0 || echo 1)" \
	"coverage --html: no file of a name that was not given is touched"
only "and nothing else" c.html c.html.tmp victim z.html z.html.tmp
echo old >"$out/t"
for signal in TERM KILL; do
	: >"$work/out" # "ready" of the last one
	NWSIM_FAKE=waits "$NWSIM" run --trace "$out/t" --log "$out/l" "$guest" >"$work/out" 2>"$work/err" </dev/null &
	pid=$!
	for _ in $(seq 100); do
		grep -q ready "$work/out" && break
		sleep 0.1
	done
	kill -s $signal $pid || :
	wait $pid || :
	ok "$([ "$(cat "$out/t")" = old ] && echo 0 || echo 1)" "SIG$signal: the old file is as before"
done
only "and nothing else is there" t

# A run to be saved has a directory from the beginning. It goes, however nwsim ends; a moment later if it is killed.
for signal in TERM QUIT KILL; do
	: >"$work/out"
	NWSIM_FAKE=waits env --default-signal=QUIT "$NWSIM" run --save "$out/save" --save-at 1 "$guest" \
		>"$work/out" 2>"$work/err" </dev/null &
	pid=$!
	for _ in $(seq 100); do
		grep -q ready "$work/out" && break
		sleep 0.1
	done
	ok "$([ -n "$(ls -A "$out")" ] && echo 0 || echo 1)" "a run to be saved"
	kill -s $signal $pid || :
	wait $pid || :
	for _ in $(seq 20); do
		[ -n "$(ls -A "$out")" ] || break
		sleep 0.1
	done
	only "SIG$signal: nothing is left of it" ''
done
clean "no temporary files are left"
done_testing
