# SPDX-License-Identifier: LGPL-2.1-or-later
# tests/kvm-mutation/: does any KVM selftest notice a small mistake in the series for 6.1? "make kvm-mutation" builds and boots a
# kernel for each of mutants.list. KVM_MUTATION_FLAGS="--only=LINE" and others: tests/kvm-mutation/kvm-mutate --help.

KVM_MUTATION_FLAGS =

EXTRA_PROGRAMS += tests/kvm-mutation/kvm_mutant
tests_kvm_mutation_kvm_mutant_SOURCES = tests/kvm-mutation/kvm_mutant.c $(mutation_sources)
tests_kvm_mutation_kvm_mutant_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/mutation
CLEANFILES += tests/kvm-mutation/kvm_mutant
CLEAN_DIRS += kvm-mutation

kvm-mutation: all guests/linux/bzImage-6.1 guests/linux/selftests-6.1.cpio tests/kvm-mutation/kvm_mutant$(EXEEXT)
	+@$(top_srcdir)/tests/kvm-mutation/kvm-mutate $(KVM_MUTATION_FLAGS)
.PHONY: kvm-mutation

TESTS += tests/kvm-mutation/applies.sh
EXTRA_DIST += tests/kvm-mutation/applies.sh tests/kvm-mutation/kvm-mutate tests/kvm-mutation/mutants.list
