# SPDX-License-Identifier: LGPL-2.1-or-later
# sources/: the lock file and the fetch tool.

TESTS += sources/test-fetch.sh
EXTRA_DIST += \
	sources/common.sh \
	sources/fetch \
	sources/lock \
	sources/test-fetch.sh \
	sources/test-lib.sh
