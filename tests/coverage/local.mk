# SPDX-License-Identifier: LGPL-2.1-or-later
# tests/coverage/: what the tests reach. "make coverage" needs gcov and gcovr; COVERAGE="model" takes one part.

COVERAGE = model shim functional

EXTRA_DIST += tests/coverage/coverage tests/coverage/unreachable.list
CLEAN_DIRS += coverage

# One line before anything is built, not after it.
coverage-tools:
	@$(top_srcdir)/tests/coverage/coverage tools
.PHONY: coverage-tools

coverage/bochs/bochs: coverage-tools libnwmodel.a libnwtrace.a FORCE
	+@$(bochs_source); \
	$(top_srcdir)/cpu/vmx/build-bochs $(bochs_args) --out coverage/bochs --coverage \
	  --patches $(top_srcdir)/cpu/vmx/patches --shim $(top_srcdir)/cpu/vmx \
	  --include $(top_srcdir)/include --include $(top_srcdir)/cpu/notify --include $(top_srcdir)/trace \
	  --lib libnwmodel.a --lib libnwtrace.a --lib -lzstd

coverage: coverage/bochs/bochs tools/nwsim bare-guests foreign-guests guests/boot/nwboot.rom tests/oracle/check_trace
	@$(top_srcdir)/tests/coverage/coverage --out coverage --units '$(model_tests)' --tests '$(coverage_tests)' $(COVERAGE)
.PHONY: coverage
