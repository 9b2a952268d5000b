# SPDX-License-Identifier: LGPL-2.1-or-later
# cpu/vmx/: the patched simulator, bochs/bochs, and for the benchmark the unpatched one.

TESTS += cpu/vmx/test-build-bochs.sh cpu/vmx/test-patches.sh
EXTRA_DIST += \
	cpu/vmx/build-bochs \
	cpu/vmx/nw_bochs.cc \
	cpu/vmx/nw_closed.cc \
	cpu/vmx/nw_bochs.h \
	cpu/vmx/nw_delivery.cc \
	cpu/vmx/nw_fwcfg.cc \
	cpu/vmx/nw_platform.h \
	cpu/vmx/nw_record.cc \
	cpu/vmx/nw_run.cc \
	cpu/vmx/nw_run.h \
	cpu/vmx/nw_stalls.cc \
	cpu/vmx/nw_state.cc \
	cpu/vmx/nw_testdev.cc \
	cpu/vmx/nw_vmexit.cc \
	cpu/vmx/patch-proof \
	cpu/vmx/patch-proof.exceptions \
	cpu/vmx/patch-table \
	cpu/vmx/patches \
	cpu/vmx/test-build-bochs.sh \
	cpu/vmx/test-patches.sh \
	cpu/vmx/witness/instrument.cc

bochs_args = --tarball "$$source" --cxxflags '$(BOCHS_CXXFLAGS)'
bochs_source = source='$(BOCHS_SOURCE)'; \
	test -n "$$source" || source=`$(top_srcdir)/sources/fetch bochs` || exit $$?

# build-bochs knows itself whether anything is to be done.
bochs/bochs: libnwmodel.a libnwtrace.a FORCE
	+@$(bochs_source); \
	$(top_srcdir)/cpu/vmx/build-bochs $(bochs_args) --out bochs \
	  --patches $(top_srcdir)/cpu/vmx/patches --shim $(top_srcdir)/cpu/vmx \
	  --include $(top_srcdir)/include --include $(top_srcdir)/cpu/notify --include $(top_srcdir)/trace \
	  --lib libnwmodel.a --lib libnwtrace.a --lib -lzstd

bochs-stock/bochs: FORCE
	+@$(bochs_source); \
	$(top_srcdir)/cpu/vmx/build-bochs $(bochs_args) --out bochs-stock --stock

# The same simulator without traces, whose instrumentation sees every boundary: tests/witness.
bochs-witness/bochs: libnwmodel.a libnwtrace.a FORCE
	+@$(bochs_source); \
	$(top_srcdir)/cpu/vmx/build-bochs $(bochs_args) --out bochs-witness \
	  --witness $(top_srcdir)/cpu/vmx/witness/instrument.cc \
	  --patches $(top_srcdir)/cpu/vmx/patches --shim $(top_srcdir)/cpu/vmx \
	  --include $(top_srcdir)/include --include $(top_srcdir)/cpu/notify --include $(top_srcdir)/trace \
	  --lib libnwmodel.a --lib libnwtrace.a --lib -lzstd

bochs: bochs/bochs
bochs-stock: bochs-stock/bochs
witness: bochs-witness/bochs
.PHONY: bochs bochs-stock witness

# Every patch taken out by itself: does a guest notice? PATCHES='base/*' limits it, PROOF_JOBS=2 tries two at a time.
PROOF_JOBS = 1
patch-proof: bochs/bochs tools/nwsim bare-guests foreign-guests guests/boot/nwboot.rom tests/oracle/check_trace
	+@$(top_srcdir)/cpu/vmx/patch-proof --bochs bochs --nwsim tools/nwsim --out patch-proof \
	  --jobs $(PROOF_JOBS) $(if $(PATCHES),--only '$(PATCHES)')
.PHONY: patch-proof

if BUILD_BOCHS
nwbochsdir = $(pkglibexecdir)/bochs
nwbochs_SCRIPTS = bochs/bochs
nwbochs_DATA = bochs/build-flags.txt
bochs/build-flags.txt: bochs/bochs
endif

CLEAN_DIRS += bochs bochs-stock bochs-witness patch-proof
