/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* report.c - TAP on the serial line and the end of the run. */
#include "kit.h"

static unsigned planned, failed, skipped;

static NORETURN void finish(uint8_t code)
{
	if (in_simulator())
		outb(NW_PORT_EXIT, code);
	for (;;)
		asm volatile("cli; hlt");
}

static void line(bool ok, const char *fmt, va_list ap)
{
	planned++;
	failed += !ok;
	print("%s %u - ", ok ? "ok" : "not ok", planned);
	vprint(fmt, ap);
}

bool check(bool ok, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	line(ok, fmt, ap);
	va_end(ap);
	print("\n");
	return ok;
}

bool check_vequal(uint64_t got, uint64_t want, const char *fmt, va_list ap)
{
	line(got == want, fmt, ap);
	print("\n");
	if (got != want)
		note("got 0x%lx (%ld), want 0x%lx (%ld)", got, (int64_t)got, want, (int64_t)want);
	return got == want;
}

bool check_equal(uint64_t got, uint64_t want, const char *fmt, ...)
{
	va_list ap;
	bool equal;

	va_start(ap, fmt);
	equal = check_vequal(got, want, fmt, ap);
	va_end(ap);
	return equal;
}

void skip(const char *reason, const char *fmt, ...)
{
	va_list ap;

	skipped++;
	va_start(ap, fmt);
	line(true, fmt, ap);
	va_end(ap);
	print(" # SKIP %s\n", reason);
}

void note(const char *fmt, ...)
{
	va_list ap;

	print("# ");
	va_start(ap, fmt);
	vprint(fmt, ap);
	va_end(ap);
	print("\n");
}

void skip_all(const char *fmt, ...)
{
	va_list ap;

	if (planned)
		bail("skip_all() after %u claims", planned);
	print("1..0 # SKIP ");
	va_start(ap, fmt);
	vprint(fmt, ap);
	va_end(ap);
	print("\n");
	finish(NW_EXIT_SKIP);
}

void bail(const char *fmt, ...)
{
	va_list ap;

	print("Bail out! ");
	va_start(ap, fmt);
	vprint(fmt, ap);
	va_end(ap);
	print("\n");
	finish(NW_EXIT_ERROR);
}

void done(void)
{
	if (!planned)
		bail("the guest made no claim");
	print("1..%u\n", planned);
	note("%u passed, %u failed, %u skipped", planned - failed - skipped, failed, skipped);
	if (failed)
		finish(NW_EXIT_FAIL);
	finish(skipped == planned ? NW_EXIT_SKIP : NW_EXIT_PASS);
}

void tally_equal(struct tally *t, uint64_t got, uint64_t want)
{
	t->count++;
	if (got == want)
		return;
	if (!t->bad++) {
		t->got = got;
		t->want = want;
	}
}

void tally_vcheck(const struct tally *t, const char *fmt, va_list ap)
{
	line(t->count && !t->bad, fmt, ap);
	print(": %s (%u times)\n", t->what, t->count);
	if (t->bad)
		note("%u of %u differ; first: got 0x%lx, want 0x%lx", t->bad, t->count, t->got,
		     t->want);
}

void tally_check(const struct tally *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	tally_vcheck(t, fmt, ap);
	va_end(ap);
}
