/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nw_trace_header.c - the header block: configuration entries and type table, encoded and decoded.
 *
 * Content: varint number of entries, then key and value of each; varint number of types, then of each: type number and
 * number of fields (one byte each), name, and name and unit of each field. Texts end with a 0 byte.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "nw_trace_priv.h"

/* ---- Encoding ---------------------------------------------------------------------------------------- */

static int check_config(const char *path, const struct nwt_config *cfg, size_t n_cfg, char err[NWT_ERRLEN])
{
	if (n_cfg > NWT_CONFIG_MAX) {
		nwt_error(err, path, "%zu configuration entries, at most %d are accepted", n_cfg, NWT_CONFIG_MAX);
		return -1;
	}
	for (size_t i = 0; i < n_cfg; i++) {
		if (!nwt_key_ok(cfg[i].key)) {
			nwt_error(err, path, "configuration key '%.80s': 1 to %d of A-Z a-z 0-9 _ . - are accepted",
				  cfg[i].key, NWT_KEY_MAX);
			return -1;
		}
		if (!nwt_value_ok(cfg[i].value)) {
			nwt_error(err, path, "configuration entry '%s': the value must be one line of UTF-8 text",
				  cfg[i].key);
			return -1;
		}
		for (size_t j = 0; j < i; j++) {
			if (!strcmp(cfg[i].key, cfg[j].key)) {
				nwt_error(err, path, "configuration entry '%s' is given twice", cfg[i].key);
				return -1;
			}
		}
	}
	return 0;
}

static size_t encoded_bound(const struct nwt_config *cfg, size_t n_cfg, const struct nwt_type_info *types,
			    size_t n_types)
{
	size_t len = 2 * NWT_VARINT_MAX;

	for (size_t i = 0; i < n_cfg; i++)
		len += strlen(cfg[i].key) + 1 + strlen(cfg[i].value) + 1;
	for (size_t i = 0; i < n_types; i++) {
		len += 2 + strlen(types[i].name) + 1;
		for (unsigned k = 0; k < types[i].n; k++)
			len += strlen(types[i].fields[k].name) + 1 + strlen(types[i].fields[k].unit) + 1;
	}
	return len;
}

static uint8_t *put_text(uint8_t *p, const char *s)
{
	size_t len = strlen(s) + 1;

	memcpy(p, s, len);
	return p + len;
}

uint8_t *nwt_header_encode(const char *path, const struct nwt_config *cfg, size_t n_cfg,
			   const struct nwt_type_info *types, size_t n_types, size_t *len, char err[NWT_ERRLEN])
{
	size_t bound;
	uint8_t *raw, *p;

	if (check_config(path, cfg, n_cfg, err) < 0)
		return NULL;
	bound = encoded_bound(cfg, n_cfg, types, n_types);
	if (bound > NWT_HEADER_RAW_MAX) {
		nwt_error(err, path, "configuration of %zu bytes, at most %u are accepted", bound, NWT_HEADER_RAW_MAX);
		return NULL;
	}
	raw = malloc(bound);
	if (!raw) {
		nwt_error(err, path, "%s", strerror(ENOMEM));
		return NULL;
	}
	p = nwt_put_varint(raw, n_cfg);
	for (size_t i = 0; i < n_cfg; i++)
		p = put_text(put_text(p, cfg[i].key), cfg[i].value);
	p = nwt_put_varint(p, n_types);
	for (size_t i = 0; i < n_types; i++) {
		*p++ = types[i].type;
		*p++ = (uint8_t)types[i].n;
		p = put_text(p, types[i].name);
		for (unsigned k = 0; k < types[i].n; k++)
			p = put_text(put_text(p, types[i].fields[k].name), types[i].fields[k].unit);
	}
	*len = (size_t)(p - raw);
	return raw;
}

/* ---- Decoding ---------------------------------------------------------------------------------------- */

struct decoder {
	const char *path;
	const uint8_t *p, *end;
	char *err;
};

#define damaged(d, ...) (nwt_error((d)->err, (d)->path, "damaged header: " __VA_ARGS__), -1)

static const char *get_text(struct decoder *d)
{
	const char *s = (const char *)d->p;
	const uint8_t *zero = memchr(d->p, 0, (size_t)(d->end - d->p));

	if (!zero)
		return NULL;
	d->p = zero + 1;
	return s;
}

/* A number of things of which each takes at least min bytes of the rest. */
static int get_count(struct decoder *d, const char *what, size_t max, size_t min, size_t *count)
{
	uint64_t n;
	const uint8_t *p = nwt_get_varint(d->p, d->end, &n);

	if (!p)
		return damaged(d, "no number of %s", what);
	d->p = p;
	if (n > max || n > (size_t)(d->end - p) / min)
		return damaged(d, "%llu %s, at most %zu are accepted", (unsigned long long)n, what, max);
	*count = (size_t)n;
	return 0;
}

static int decode_config(struct decoder *d, struct nwt_header *h)
{
	if (get_count(d, "configuration entries", NWT_CONFIG_MAX, 3, &h->n_config) < 0)
		return -1;
	h->config = calloc(h->n_config + 1, sizeof(*h->config));
	if (!h->config) {
		nwt_error(d->err, d->path, "%s", strerror(ENOMEM));
		return -1;
	}
	for (size_t i = 0; i < h->n_config; i++) {
		const char *key = get_text(d);
		const char *value = key ? get_text(d) : NULL;

		if (!value || !nwt_key_ok(key) || !nwt_value_ok(value))
			return damaged(d, "configuration entry %zu is not text", i);
		for (size_t j = 0; j < i; j++)
			if (!strcmp(key, h->config[j].key))
				return damaged(d, "configuration entry '%s' is there twice", key);
		h->config[i] = (struct nwt_config){ key, value };
	}
	return 0;
}

/* The file's type is one that this build knows: does it mean the same? */
static bool same_unit(const char *a, const char *b)
{
	size_t len = strlen(a) < strlen(b) ? strlen(a) : strlen(b);

	if (!strcmp(a, b))
		return true;
	/* The table with more knowledge may have appended values to an enum. */
	return !strncmp(a, "enum:", 5) && !strncmp(a, b, len) && (a[len] == '|' || b[len] == '|');
}

static int check_known(struct decoder *d, const struct nwt_type_info *t)
{
	const struct nwt_type_info *ours = nwt_type_info(t->type);

	if (!ours)
		return 0;
	if (strcmp(t->name, ours->name)) {
		nwt_error(d->err, d->path, "event type %u is '%s', this program knows it as '%s'", t->type, t->name,
			  ours->name);
		return -1;
	}
	for (unsigned k = 0; k < t->n && k < ours->n; k++) {
		if (strcmp(t->fields[k].name, ours->fields[k].name) ||
		    !same_unit(t->fields[k].unit, ours->fields[k].unit)) {
			nwt_error(d->err, d->path, "field %u of event type '%s' is not the '%s' this program knows",
				  k, t->name, ours->fields[k].name);
			return -1;
		}
	}
	return 0;
}

static int decode_type(struct decoder *d, struct nwt_header *h, struct nwt_field_info *fields)
{
	struct nwt_type_info t = { .fields = fields };

	if (d->end - d->p < 2)
		return damaged(d, "the type table is cut off");
	t.type = d->p[0];
	t.n = d->p[1];
	d->p += 2;
	t.name = get_text(d);
	if (!t.name || !nwt_name_ok(t.name) || t.type == 0 || h->types[t.type].name)
		return damaged(d, "event type %u has no valid name, or the number is used twice", t.type);
	if (t.n > NWT_FIELDS_MAX)
		return damaged(d, "event type '%s' has %u fields, at most %d are accepted", t.name, t.n, NWT_FIELDS_MAX);
	for (unsigned k = 0; k < t.n; k++) {
		fields[k].name = get_text(d);
		fields[k].unit = fields[k].name ? get_text(d) : NULL;
		if (!fields[k].unit || !nwt_name_ok(fields[k].name) || !nwt_unit_ok(fields[k].unit))
			return damaged(d, "field %u of event type '%s' has no valid name and unit", k, t.name);
	}
	if (check_known(d, &t) < 0)
		return -1;
	h->types[t.type] = t;
	return 0;
}

static int decode_types(struct decoder *d, struct nwt_header *h)
{
	struct nwt_field_info *fields;
	size_t n;

	if (get_count(d, "event types", NWT_TYPES_MAX, 4, &n) < 0)
		return -1;
	fields = h->fields = calloc(n * NWT_FIELDS_MAX + 1, sizeof(*fields));
	if (!fields) {
		nwt_error(d->err, d->path, "%s", strerror(ENOMEM));
		return -1;
	}
	for (size_t i = 0; i < n; i++)
		if (decode_type(d, h, fields + i * NWT_FIELDS_MAX) < 0)
			return -1;
	if (d->p != d->end)
		return damaged(d, "%zu bytes too many", (size_t)(d->end - d->p));
	return 0;
}

int nwt_header_decode(const char *path, struct nwt_header *h, const uint8_t *raw, size_t len, char err[NWT_ERRLEN])
{
	struct decoder d = { .path = path, .p = raw, .end = raw + len, .err = err };

	memset(h, 0, sizeof(*h));
	if (decode_config(&d, h) == 0 && decode_types(&d, h) == 0)
		return 0;
	nwt_header_free(h);
	return -1;
}

void nwt_header_free(struct nwt_header *h)
{
	free(h->config);
	free(h->fields);
	memset(h, 0, sizeof(*h));
}
