/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nw_trace_code.c - the encodings of the trace format: checksum, numbers, block heads, texts; and error lines.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "nw_trace_priv.h"

#define CRC64_POLYNOMIAL 0xc96c5795d7870f42u

void nwt_crc64_init(uint64_t table[256])
{
	for (unsigned i = 0; i < 256; i++) {
		uint64_t crc = i;

		for (int bit = 0; bit < 8; bit++)
			crc = (crc >> 1) ^ (crc & 1 ? CRC64_POLYNOMIAL : 0);
		table[i] = crc;
	}
}

uint64_t nwt_crc64(const uint64_t table[256], uint64_t crc, const void *data, size_t len)
{
	const uint8_t *p = data;

	crc = ~crc;
	for (size_t i = 0; i < len; i++)
		crc = (crc >> 8) ^ table[(crc ^ p[i]) & 0xff];
	return ~crc;
}

void nwt_put_u32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

void nwt_put_u64(uint8_t *p, uint64_t v)
{
	for (int i = 0; i < 8; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

uint32_t nwt_get_u32(const uint8_t *p)
{
	uint32_t v = 0;

	for (int i = 0; i < 4; i++)
		v |= (uint32_t)p[i] << (8 * i);
	return v;
}

uint64_t nwt_get_u64(const uint8_t *p)
{
	return nwt_get_u32(p) | (uint64_t)nwt_get_u32(p + 4) << 32;
}

uint8_t *nwt_put_varint(uint8_t *p, uint64_t v)
{
	while (v >= 0x80) {
		*p++ = (uint8_t)(v | 0x80);
		v >>= 7;
	}
	*p++ = (uint8_t)v;
	return p;
}

const uint8_t *nwt_get_varint(const uint8_t *p, const uint8_t *end, uint64_t *v)
{
	uint64_t value = 0;

	for (unsigned shift = 0; p < end && shift < 64; shift += 7) {
		uint8_t byte = *p++;

		if (shift == 63 && byte > 1)
			return NULL;
		value |= (uint64_t)(byte & 0x7f) << shift;
		if (byte & 0x80)
			continue;
		/* One number has one form: a last byte of 0 is only the number 0 itself. */
		if (byte == 0 && shift > 0)
			return NULL;
		*v = value;
		return p;
	}
	return NULL;
}

void nwt_make_head(uint8_t head[NWT_HEAD_SIZE], const uint64_t table[256], const char *tag, uint32_t raw_len,
		   uint32_t stored_len, uint32_t records, const uint8_t *stored)
{
	uint64_t crc;

	memcpy(head, tag, NWT_TAG_SIZE);
	nwt_put_u32(head + 4, raw_len);
	nwt_put_u32(head + 8, stored_len);
	nwt_put_u32(head + 12, records);
	crc = nwt_crc64(table, 0, head, NWT_HEAD_CRC);
	nwt_put_u64(head + NWT_HEAD_CRC, nwt_crc64(table, crc, stored, stored_len));
}

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool nwt_name_ok(const char *s)
{
	size_t len = 0;

	while (is_word(s[len]))
		len++;
	return s[len] == '\0' && len > 0 && len <= NWT_NAME_MAX;
}

bool nwt_key_ok(const char *s)
{
	size_t len = 0;

	while (is_word(s[len]) || s[len] == '.' || s[len] == '-')
		len++;
	return s[len] == '\0' && len > 0 && len <= NWT_KEY_MAX;
}

bool nwt_unit_ok(const char *s)
{
	size_t len = 0;

	while (s[len] > ' ' && s[len] <= '~')
		len++;
	return s[len] == '\0' && len <= NWT_UNIT_MAX;
}

/* Length of the character at s; 0 for control characters and for what is not UTF-8. */
static size_t character_length(const unsigned char *s)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = (s[0] & 0xe0) == 0xc0 ? 2 : (s[0] & 0xf0) == 0xe0 ? 3 : (s[0] & 0xf8) == 0xf0 ? 4 : 0;
	uint32_t c = s[0] & (0x7f >> n);

	if (s[0] < 0x80)
		return s[0] >= 0x20 && s[0] != 0x7f;
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (n == 0 || c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) || c < 0xa0)
		return 0;
	return n;
}

bool nwt_value_ok(const char *s)
{
	const unsigned char *p = (const unsigned char *)s;

	while (*p) {
		size_t n = character_length(p);

		if (n == 0)
			return false;
		p += n;
	}
	return true;
}

void nwt_error(char err[NWT_ERRLEN], const char *path, const char *fmt, ...)
{
	const size_t path_max = NWT_ERRLEN / 2;
	size_t len = strlen(path);
	const char *skip = "";
	va_list args;
	int used;

	if (len > path_max) {
		skip = "...";
		path += len - path_max;
	}
	used = snprintf(err, NWT_ERRLEN, "%s%s: ", skip, path);
	va_start(args, fmt);
	vsnprintf(err + used, NWT_ERRLEN - (size_t)used, fmt, args);
	va_end(args);
	for (char *p = err; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
}
