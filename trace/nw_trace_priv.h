/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nw_trace_priv.h - what the writer, the reader and their tests share: layout, limits, encodings.
 *
 * Not for users of the library. docs/trace-format.md describes the bytes; the names there are the names here.
 */
#ifndef NW_TRACE_PRIV_H
#define NW_TRACE_PRIV_H

#include <sys/types.h>

#include "nw_trace.h"

#define NWT_MAGIC               "\x89NWT\r\n\x1a\n"
#define NWT_MAGIC_SIZE          8
#define NWT_VERSION             1
#define NWT_PRELUDE_SIZE        (NWT_MAGIC_SIZE + 4)

/* Block head: tag, raw length, stored length, records (4 bytes each), CRC-64 of these 16 bytes and the stored bytes. */
#define NWT_HEAD_SIZE           24
#define NWT_HEAD_CRC            16
#define NWT_TAG_HEADER          "HEAD"
#define NWT_TAG_RECORDS         "RECS"
#define NWT_TAG_END             "END."
#define NWT_TAG_SIZE            4

/* Limits of the format: the writer keeps them, the reader refuses what exceeds them before it allocates. */
#define NWT_HEADER_RAW_MAX      (1u << 20)
#define NWT_RECORDS_RAW_MAX     (1u << 16)
#define NWT_END_RAW             32
#define NWT_CONFIG_MAX          4096
#define NWT_TYPES_MAX           255
#define NWT_KEY_MAX             64
#define NWT_NAME_MAX            31
#define NWT_UNIT_MAX            255

#define NWT_VARINT_MAX          10
#define NWT_RECORD_MIN          3       /* type, cpu, one byte of time */
#define NWT_RECORD_MAX          (2 + NWT_VARINT_MAX * (1 + NWT_FIELDS_MAX))

#define NWT_ZSTD_LEVEL          3

/* ---- nw_trace_code.c --------------------------------------------------------------------------------- */

/* Fills the table of CRC-64/XZ (reflected polynomial 0xc96c5795d7870f42). */
void nwt_crc64_init(uint64_t table[256]);
/* Continues crc (0 at the start) over len bytes. */
uint64_t nwt_crc64(const uint64_t table[256], uint64_t crc, const void *data, size_t len);

void nwt_put_u32(uint8_t *p, uint32_t v);
void nwt_put_u64(uint8_t *p, uint64_t v);
uint32_t nwt_get_u32(const uint8_t *p);
uint64_t nwt_get_u64(const uint8_t *p);

/* LEB128. Writes 1 to NWT_VARINT_MAX bytes and returns the position after them. */
uint8_t *nwt_put_varint(uint8_t *p, uint64_t v);
/* Returns the position after the number, or NULL when it is cut off, longer than 64 bits or not the shortest form. */
const uint8_t *nwt_get_varint(const uint8_t *p, const uint8_t *end, uint64_t *v);

/* Differences modulo 2^64, small ones of either sign as small numbers. */
static inline uint64_t nwt_zigzag(uint64_t difference)
{
	return (difference << 1) ^ (0 - (difference >> 63));
}

static inline uint64_t nwt_unzigzag(uint64_t z)
{
	return (z >> 1) ^ (0 - (z & 1));
}

/* Fills in a block head; stored points to the stored_len bytes that will follow it. */
void nwt_make_head(uint8_t head[NWT_HEAD_SIZE], const uint64_t table[256], const char *tag, uint32_t raw_len,
		   uint32_t stored_len, uint32_t records, const uint8_t *stored);

/* Texts the format accepts: names [A-Za-z0-9_], keys also '.' and '-', units printable, values UTF-8 on one line. */
bool nwt_name_ok(const char *s);
bool nwt_key_ok(const char *s);
bool nwt_unit_ok(const char *s);
bool nwt_value_ok(const char *s);

/* One line "PATH: ..." into err; a long path keeps its end, control characters become '?'. */
void nwt_error(char err[NWT_ERRLEN], const char *path, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* ---- nw_trace_header.c ------------------------------------------------------------------------------- */

/* The content of the header block, to be freed by the caller. NULL: one line in err. */
uint8_t *nwt_header_encode(const char *path, const struct nwt_config *cfg, size_t n_cfg,
			   const struct nwt_type_info *types, size_t n_types, size_t *len, char err[NWT_ERRLEN]);

/* A decoded header: the texts point into the raw bytes, which must stay. */
struct nwt_header {
	struct nwt_config *config;
	size_t n_config;
	struct nwt_field_info *fields;                  /* of all types, one after the other */
	struct nwt_type_info types[NWT_TYPES_MAX + 1];  /* indexed by type; name NULL = not described */
};
/* 0, or -1 with one line in err and nothing allocated. */
int nwt_header_decode(const char *path, struct nwt_header *h, const uint8_t *raw, size_t len, char err[NWT_ERRLEN]);
void nwt_header_free(struct nwt_header *h);

/* ---- nw_trace_write.c -------------------------------------------------------------------------------- */

typedef ssize_t nwt_write_fn(int fd, const void *buf, size_t len);

/* nwt_create() with another type table and another write(2), for tests. */
struct nwt_writer *nwt_create_with(const char *path, const struct nwt_config *cfg, size_t n_cfg,
				   const struct nwt_type_info *types, size_t n_types, nwt_write_fn *write_fn,
				   char err[NWT_ERRLEN]);

#endif
