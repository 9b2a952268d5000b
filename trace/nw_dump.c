/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nw_dump.c - records as text lines, through the type table of the file they come from.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "nw_dump.h"
#include "nw_exit_names.h"

#define TSC_COLUMN      15
#define CRYSTAL_COLUMN  17

/* ---- Text of unknown length, with snprintf() semantics ------------------------------------------------ */

struct text {
	char *buf;
	size_t len, used;
};

static void add(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void add(struct text *t, const char *fmt, ...)
{
	size_t room = t->used < t->len ? t->len - t->used : 0;
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(room ? t->buf + t->used : NULL, room, fmt, args);
	va_end(args);
	if (n > 0)
		t->used += (size_t)n;
}

/* ---- Clock -------------------------------------------------------------------------------------------- */

/* A configuration value as a number from 1 to 2^32 - 1; 0 when it is not one. */
static uint32_t config_u32(const struct nwt_reader *r, const char *key)
{
	const char *s = nwt_config_get(r, key);
	uint64_t v = 0;

	if (!s)
		return 0;
	for (; *s >= '0' && *s <= '9' && v <= UINT32_MAX; s++)
		v = v * 10 + (uint64_t)(*s - '0');
	return *s == '\0' && v <= UINT32_MAX ? (uint32_t)v : 0;
}

void nw_dump_init(struct nw_dump *d, const struct nwt_reader *r)
{
	d->reader = r;
	d->num = config_u32(r, "clock.num");
	d->den = config_u32(r, "clock.den");
	if (d->num == 0 || d->den == 0)
		d->num = d->den = 0;
}

static void add_crystal(struct text *t, const struct nw_dump *d, uint64_t tsc, int width)
{
	unsigned __int128 hundredths = (unsigned __int128)tsc * d->den * 100 / d->num;
	unsigned __int128 whole = hundredths / 100;

	add(t, "%*" PRIu64 ".%02u", width > 3 ? width - 3 : 0,
	    whole > UINT64_MAX ? UINT64_MAX : (uint64_t)whole, (unsigned)(hundredths % 100));
}

int nw_dump_crystal(const struct nw_dump *d, uint64_t tsc, char *buf, size_t len)
{
	struct text t = { buf, len, 0 };

	add_crystal(&t, d, tsc, 0);
	return (int)t.used;
}

/* ---- Values ------------------------------------------------------------------------------------------- */

static void add_enum(struct text *t, const char *names, uint64_t value)
{
	size_t len;
	const char *name = nwt_enum_name(names, value, &len);

	if (name)
		add(t, "%.*s", (int)len, name);
	else
		add(t, "%" PRIu64, value);
}

static void add_exit_reason(struct text *t, uint64_t reason)
{
	unsigned basic = reason & 0xffff;
	const char *name = nw_exit_name(basic);

	add(t, "%u (%s", basic, name ? name : "unknown");
	if (reason != basic)
		add(t, ", 0x%" PRIx64, reason);
	add(t, ")");
}

static void add_value(struct text *t, const struct nw_dump *d, const struct nwt_field_info *field, uint64_t value)
{
	const char *unit = field->unit;

	if (!strncmp(unit, "enum:", 5)) {
		add_enum(t, unit + 5, value);
	} else if (!strcmp(unit, "hex")) {
		add(t, "0x%" PRIx64, value);
	} else if (!strcmp(unit, "exit_reason")) {
		add_exit_reason(t, value);
	} else if (!strcmp(unit, "crystal") && value == UINT64_MAX) {
		add(t, "forever");
	} else if (!strcmp(unit, "tsc") && d->num) {
		add(t, "%" PRIu64 " tsc (", value);
		add_crystal(t, d, value, 0);
		add(t, " crystal)");
	} else if (!strcmp(unit, "count") || unit[0] == '\0') {
		add(t, "%" PRIu64, value);
	} else {
		add(t, "%" PRIu64 " %s", value, unit);
	}
}

int nw_dump_value(const struct nw_dump *d, const struct nwt_field_info *field, uint64_t value, char *buf, size_t len)
{
	struct text t = { buf, len, 0 };

	add_value(&t, d, field, value);
	return (int)t.used;
}

/* ---- Lines -------------------------------------------------------------------------------------------- */

int nw_dump_heading(const struct nw_dump *d, char *buf, size_t len)
{
	struct text t = { buf, len, 0 };

	add(&t, "%*s", TSC_COLUMN, "TSC ticks");
	if (d->num)
		add(&t, " %*s", CRYSTAL_COLUMN, "crystal clocks");
	add(&t, "  CPU  event");
	return (int)t.used;
}

int nw_dump_record(const struct nw_dump *d, const struct nwt_record *rec, char *buf, size_t len)
{
	const struct nwt_type_info *type = nwt_file_type(d->reader, rec->type);
	struct text t = { buf, len, 0 };

	add(&t, "%*" PRIu64, TSC_COLUMN, rec->time_tsc);
	if (d->num) {
		add(&t, " ");
		add_crystal(&t, d, rec->time_tsc, CRYSTAL_COLUMN);
	}
	add(&t, "  cpu%u ", rec->cpu);
	if (type)
		add(&t, "%s", type->name);
	else
		add(&t, "type_%u", rec->type);
	for (unsigned k = 0; k < rec->n && k < NWT_FIELDS_MAX; k++) {
		if (type && k < type->n) {
			add(&t, " %s=", type->fields[k].name);
			add_value(&t, d, &type->fields[k], rec->f[k]);
		} else {
			add(&t, " %u=%" PRIu64, k, rec->f[k]);
		}
	}
	return (int)t.used;
}
