# SPDX-License-Identifier: LGPL-2.1-or-later
# docs/: papers that belong to no single room.

EXTRA_DIST += README.md docs/real-silicon.md docs/spec.md docs/bochs-patches.md tests/docs/spec-check tests/docs/spec.sh
TESTS += tests/docs/spec.sh
