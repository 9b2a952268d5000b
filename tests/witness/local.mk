# SPDX-License-Identifier: LGPL-2.1-or-later
# tests/witness/: traces against what a second build of the simulator sees by itself, make check-witness.

witness_sources = \
	tests/witness/compare.c \
	tests/witness/compare.h

check_PROGRAMS += tests/witness/check_witness tests/witness/test_compare
TESTS += tests/witness/test_compare

tests_witness_check_witness_SOURCES = tests/witness/check_witness.c $(witness_sources)
tests_witness_check_witness_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE
tests_witness_check_witness_LDADD = libnwtrace.a $(ZSTD_LIBS)

tests_witness_test_compare_SOURCES = tests/witness/test_compare.c $(witness_sources)
tests_witness_test_compare_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/unit -D_GNU_SOURCE $(CHECK_CFLAGS)
tests_witness_test_compare_LDADD = libnwtrace.a $(ZSTD_LIBS) $(CHECK_LIBS)

# In "make check" some guests, and none unless "make witness" has built the simulator; here all.
TESTS += tests/witness/witness.sh
EXTRA_DIST += tests/witness/witness.sh
.PHONY: check-witness
check-witness: all bochs-witness/bochs
	WITNESS_GUESTS=all $(MAKE) check-TESTS TESTS='tests/witness/test_compare tests/witness/witness.sh'
	@sed -n 's/^# witness:/witness:/p' tests/witness/witness.log

# All guests, more moments.
.PHONY: check-snapshot
check-snapshot: all
	SNAPSHOT_GUESTS=all SNAPSHOT_POINTS=3 $(MAKE) check-TESTS TESTS=tests/guest/snapshot.sh
