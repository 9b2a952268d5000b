#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every listed guest ends as the list says, and every notify VM exit of its trace is at its deadline.

. "${srcdir:-.}/tests/guest/lib.sh"

run_several all --all
holds "nwsim run --all reported on every guest of the list" test "$guests" -eq "$("$NWSIM" list | grep -c '^  ')"
holds "and its exit status says how they ended" test "$status" -eq "$((bad > 0))"
plan
