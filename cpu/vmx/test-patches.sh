#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Each patch says what it repairs, by which rule and which guest notices, and docs/bochs-patches.md has
# the same table.

top=$(cd "${srcdir:-$(dirname "$0")/../..}" && pwd)
# shellcheck source=sources/test-lib.sh
. "$top/sources/test-lib.sh"

call "$top/cpu/vmx/patch-table" "$top/cpu/vmx/patches"
ok "each patch has its Defect, Rule, Guest and Upstream" "$rc"
grep '^|' "$top/docs/bochs-patches.md" >"$work/doc"
diff "$work/out" "$work/doc" >"$work/err"
ok "the table of docs/bochs-patches.md is that of the patches" "$?"

mkdir -p "$work/series/base"
printf 'Subject: base: x\n\nDefect: d\nRule: r\nUpstream: yes\n\n---\nGuest: none\n' >"$work/series/base/0001-x.patch"
call "$top/cpu/vmx/patch-table" "$work/series"
[ "$rc" -eq 1 ] && grep -q 'base/0001: no line "Guest:"' "$work/err"
ok "a patch without a guest is refused" "$?"

finish
