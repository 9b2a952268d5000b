# SPDX-License-Identifier: LGPL-2.1-or-later
# tests/mutation/: does any test notice a small mistake in cpu/notify? "make mutation" tries each of mutants.list.
# MUTATION_FLAGS="--jobs=1" and others: tests/mutation/mutate --help.

MUTATION_FLAGS =

mutation_sources = \
	tests/mutation/mutant.c \
	tests/mutation/mutant.h
EXTRA_PROGRAMS = tests/mutation/mutate
tests_mutation_mutate_SOURCES = tests/mutation/mutate.c $(mutation_sources)
CLEANFILES += tests/mutation/mutate

check_PROGRAMS += tests/mutation/test_mutant
TESTS += tests/mutation/test_mutant
tests_mutation_test_mutant_SOURCES = tests/mutation/test_mutant.c $(mutation_sources)
tests_mutation_test_mutant_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/unit $(CHECK_CFLAGS)
tests_mutation_test_mutant_LDADD = $(CHECK_LIBS)

mutation: tests/mutation/mutate
	+@tests/mutation/mutate --top='$(top_srcdir)' --out=mutation --cc='$(CC)' --flags='$(CHECK_CFLAGS)' \
	  --libs='$(CHECK_LIBS)' $(MUTATION_FLAGS)
.PHONY: mutation

EXTRA_DIST += tests/mutation/mutants.list
CLEAN_DIRS += mutation
