#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every listed guest ends as the list says, and every notify VM exit of its trace is at its deadline.

. "${srcdir:-.}/tests/guest/lib.sh"

list=$("$NWSIM" list | sed -n 's|^  \([^ ]*\) .*|\1|p')
for guest in $list; do
	run "$guest" run "$guest"
	claim "$status" "$guest: ends as expected"
	if [ -f "$work/$guest.nwt" ] && deadlines "$guest"; then
		claim 0 "$guest: notify VM exits at their deadlines ($exits)"
	else
		claim 1 "$guest: notify VM exits at their deadlines"
	fi
done
plan
