/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nw_trace_read.c - the reader. It trusts nothing: lengths are checked before memory is taken, checksums before
 * anything is decompressed, and every number before it is used.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#include "nw_trace_priv.h"

struct nwt_reader {
	int fd;
	char *path;
	ZSTD_DCtx *dctx;
	struct nwt_header header;
	uint8_t *header_raw;    /* holds the texts of the header */

	uint64_t offset;        /* in the file, of the next byte to be read */
	uint64_t block_offset;  /* of the current block */
	uint8_t *stored, *raw;  /* record blocks */
	size_t pos, len;        /* in raw */
	uint32_t left;          /* records left in the block */

	uint64_t time_tsc;      /* of the last record of the block, 0 at its start */
	uint64_t records, blocks, last_tsc, content_crc;
	int state;              /* 1 reading, 0 end reached, -1 damaged */
	char err[NWT_ERRLEN];

	uint64_t previous[256][NWT_FIELDS_MAX];
	uint64_t crc_table[256];
};

struct head {
	char tag[NWT_TAG_SIZE + 1];
	uint32_t raw_len, stored_len, records;
	uint8_t bytes[NWT_HEAD_SIZE];
};

#define ULL(x) ((unsigned long long)(x))

/* Both give -1, so that callers can return them. */
#define fail(r, ...) (nwt_error((r)->err, (r)->path, __VA_ARGS__), (r)->state = -1)
#define damaged(r, fmt, ...) \
	fail(r, "damaged in the block at byte %llu: " fmt, ULL((r)->block_offset), ##__VA_ARGS__)

/* ---- Bytes ------------------------------------------------------------------------------------------- */

/* Reads up to len bytes; fewer only at the end of the file. -1 on a read error. */
static ssize_t get_bytes(struct nwt_reader *r, uint8_t *p, size_t len)
{
	size_t got = 0;

	while (got < len) {
		ssize_t n = read(r->fd, p + got, len - got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(r, "cannot read: %s", strerror(errno));
		if (n == 0)
			break;
		got += (size_t)n;
	}
	r->offset += got;
	return (ssize_t)got;
}

/* As many bytes as that, or the file is truncated. */
static int need_bytes(struct nwt_reader *r, uint8_t *p, size_t len)
{
	ssize_t n = get_bytes(r, p, len);

	if (n >= 0 && (size_t)n < len)
		return fail(r, "truncated at byte %llu, after %llu records", ULL(r->offset), ULL(r->records));
	return n < 0 ? -1 : 0;
}

/* ---- Blocks ------------------------------------------------------------------------------------------ */

static int read_head(struct nwt_reader *r, struct head *h)
{
	r->block_offset = r->offset;
	if (need_bytes(r, h->bytes, NWT_HEAD_SIZE) < 0)
		return -1;
	memcpy(h->tag, h->bytes, NWT_TAG_SIZE);
	h->tag[NWT_TAG_SIZE] = '\0';
	h->raw_len = nwt_get_u32(h->bytes + 4);
	h->stored_len = nwt_get_u32(h->bytes + 8);
	h->records = nwt_get_u32(h->bytes + 12);
	return 0;
}

static int check_lengths(struct nwt_reader *r, const struct head *h, uint32_t raw_max)
{
	if (h->raw_len > raw_max || h->stored_len > ZSTD_compressBound(raw_max))
		return damaged(r, "%lu bytes from %lu, at most %lu from %lu are accepted",
			       (unsigned long)h->raw_len, (unsigned long)h->stored_len, (unsigned long)raw_max,
			       (unsigned long)ZSTD_compressBound(raw_max));
	return 0;
}

/* Reads, checks and decompresses the content of a block whose lengths have been checked. */
static int read_content(struct nwt_reader *r, const struct head *h, uint8_t *stored, uint8_t *raw)
{
	uint64_t crc;
	size_t n;

	if (need_bytes(r, stored, h->stored_len) < 0)
		return -1;
	crc = nwt_crc64(r->crc_table, 0, h->bytes, NWT_HEAD_CRC);
	crc = nwt_crc64(r->crc_table, crc, stored, h->stored_len);
	if (crc != nwt_get_u64(h->bytes + NWT_HEAD_CRC))
		return damaged(r, "the checksum is wrong");
	/* One frame of today's format: libzstd would also accept several, and those of its first versions. */
	if (ZSTD_findFrameCompressedSize(stored, h->stored_len) != h->stored_len ||
	    nwt_get_u32(stored) != ZSTD_MAGICNUMBER)
		return damaged(r, "not one zstd frame");
	n = ZSTD_decompressDCtx(r->dctx, raw, h->raw_len, stored, h->stored_len);
	if (ZSTD_isError(n))
		return damaged(r, "cannot decompress: %s", ZSTD_getErrorName(n));
	if (n != h->raw_len)
		return damaged(r, "%zu bytes instead of %lu", n, (unsigned long)h->raw_len);
	return 0;
}

static int read_header(struct nwt_reader *r)
{
	struct head h;
	uint8_t *stored;
	int rc = -1;

	if (read_head(r, &h) < 0)
		return -1;
	if (strcmp(h.tag, NWT_TAG_HEADER) || h.records != 0)
		return damaged(r, "a header block is expected");
	if (check_lengths(r, &h, NWT_HEADER_RAW_MAX) < 0)
		return -1;
	stored = malloc(h.stored_len + 1);
	r->header_raw = malloc(h.raw_len + 1);
	if (!stored || !r->header_raw)
		fail(r, "%s", strerror(ENOMEM));
	else
		rc = read_content(r, &h, stored, r->header_raw);
	free(stored);
	if (rc < 0)
		return -1;
	r->content_crc = nwt_crc64(r->crc_table, 0, r->header_raw, h.raw_len);
	return nwt_header_decode(r->path, &r->header, r->header_raw, h.raw_len, r->err);
}

static int read_records(struct nwt_reader *r, const struct head *h)
{
	if (check_lengths(r, h, NWT_RECORDS_RAW_MAX) < 0)
		return -1;
	if (h->records == 0 || h->records > h->raw_len / NWT_RECORD_MIN)
		return damaged(r, "%lu records in %lu bytes", (unsigned long)h->records, (unsigned long)h->raw_len);
	if (read_content(r, h, r->stored, r->raw) < 0)
		return -1;
	r->content_crc = nwt_crc64(r->crc_table, r->content_crc, r->raw, h->raw_len);
	r->blocks++;
	r->pos = 0;
	r->len = h->raw_len;
	r->left = h->records;
	r->time_tsc = 0;
	memset(r->previous, 0, sizeof(r->previous));
	return 1;
}

static int read_end(struct nwt_reader *r, const struct head *h)
{
	uint8_t byte;
	ssize_t more;

	if (check_lengths(r, h, NWT_END_RAW) < 0)
		return -1;
	if (h->raw_len != NWT_END_RAW || h->records != 0)
		return damaged(r, "not a valid end block");
	if (read_content(r, h, r->stored, r->raw) < 0)
		return -1;
	if (nwt_get_u64(r->raw) != r->records || nwt_get_u64(r->raw + 8) != r->blocks ||
	    nwt_get_u64(r->raw + 16) != r->last_tsc || nwt_get_u64(r->raw + 24) != r->content_crc)
		return damaged(r, "the end block does not fit the %llu records before it", ULL(r->records));
	more = get_bytes(r, &byte, 1);
	if (more > 0)
		return fail(r, "more data after the end of the trace at byte %llu", ULL(r->offset - 1));
	return more < 0 ? -1 : (r->state = 0);
}

static int next_block(struct nwt_reader *r)
{
	struct head h;

	if (read_head(r, &h) < 0)
		return -1;
	if (!strcmp(h.tag, NWT_TAG_RECORDS))
		return read_records(r, &h);
	if (!strcmp(h.tag, NWT_TAG_END))
		return read_end(r, &h);
	return damaged(r, "unknown kind of block");
}

/* ---- Opening ----------------------------------------------------------------------------------------- */

static int read_prelude(struct nwt_reader *r)
{
	uint8_t prelude[NWT_PRELUDE_SIZE];
	ssize_t n = get_bytes(r, prelude, sizeof(prelude));
	uint32_t version;

	if (n < 0)
		return -1;
	if (n < NWT_MAGIC_SIZE || memcmp(prelude, NWT_MAGIC, NWT_MAGIC_SIZE))
		return fail(r, "not a trace of nwsim (.nwt)");
	if ((size_t)n < sizeof(prelude))
		return fail(r, "truncated at byte %llu, before the header", ULL(r->offset));
	version = nwt_get_u32(prelude + NWT_MAGIC_SIZE);
	if (version != NWT_VERSION)
		return fail(r, "trace format version %lu, this program reads version %d", (unsigned long)version,
			    NWT_VERSION);
	return 0;
}

static int prepare(struct nwt_reader *r)
{
	r->stored = malloc(ZSTD_compressBound(NWT_RECORDS_RAW_MAX));
	r->raw = malloc(NWT_RECORDS_RAW_MAX);
	r->dctx = ZSTD_createDCtx();
	if (!r->stored || !r->raw || !r->dctx)
		return fail(r, "%s", strerror(ENOMEM));
	r->fd = open(r->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (r->fd < 0)
		return fail(r, "cannot open: %s", strerror(errno));
	nwt_crc64_init(r->crc_table);
	return 0;
}

struct nwt_reader *nwt_open(const char *path, char err[NWT_ERRLEN])
{
	struct nwt_reader *r = calloc(1, sizeof(*r));

	if (!r || !(r->path = strdup(path))) {
		free(r);
		nwt_error(err, path, "%s", strerror(ENOMEM));
		return NULL;
	}
	r->fd = -1;
	r->state = 1;
	if (prepare(r) < 0 || read_prelude(r) < 0 || read_header(r) < 0) {
		memcpy(err, r->err, NWT_ERRLEN);
		nwt_reader_close(r);
		return NULL;
	}
	return r;
}

void nwt_reader_close(struct nwt_reader *r)
{
	if (!r)
		return;
	if (r->fd >= 0)
		close(r->fd);
	ZSTD_freeDCtx(r->dctx);
	nwt_header_free(&r->header);
	free(r->header_raw);
	free(r->stored);
	free(r->raw);
	free(r->path);
	free(r);
}

/* ---- Header ------------------------------------------------------------------------------------------ */

size_t nwt_config_count(const struct nwt_reader *r)
{
	return r->header.n_config;
}

const struct nwt_config *nwt_config_at(const struct nwt_reader *r, size_t i)
{
	return i < r->header.n_config ? &r->header.config[i] : NULL;
}

const char *nwt_config_get(const struct nwt_reader *r, const char *key)
{
	for (size_t i = 0; i < r->header.n_config; i++)
		if (!strcmp(r->header.config[i].key, key))
			return r->header.config[i].value;
	return NULL;
}

const struct nwt_type_info *nwt_file_type(const struct nwt_reader *r, unsigned type)
{
	if (type > NWT_TYPES_MAX || !r->header.types[type].name)
		return NULL;
	return &r->header.types[type];
}

uint64_t nwt_content_crc64(const struct nwt_reader *r)
{
	return r->content_crc;
}

/* ---- Records ----------------------------------------------------------------------------------------- */

static int read_record(struct nwt_reader *r, struct nwt_record *rec)
{
	const uint8_t *p = r->raw + r->pos, *end = r->raw + r->len;
	const struct nwt_type_info *type;
	uint64_t v;

	if (end - p < NWT_RECORD_MIN)
		return damaged(r, "record %llu is cut off", ULL(r->records));
	memset(rec, 0, sizeof(*rec));
	rec->type = *p++;
	rec->cpu = *p++;
	type = nwt_file_type(r, rec->type);
	if (!type)
		return damaged(r, "record %llu has type %u, which the file does not describe", ULL(r->records), rec->type);
	rec->n = (uint8_t)type->n;
	p = nwt_get_varint(p, end, &v);
	/* Also when the sum wraps. */
	if (!p || r->time_tsc + v < r->last_tsc)
		return damaged(r, "record %llu has no valid time", ULL(r->records));
	rec->time_tsc = r->time_tsc + v;
	for (unsigned k = 0; k < rec->n; k++) {
		p = nwt_get_varint(p, end, &v);
		if (!p)
			return damaged(r, "field %u of record %llu is not valid", k, ULL(r->records));
		rec->f[k] = r->previous[rec->type][k] += nwt_unzigzag(v);
	}
	r->time_tsc = r->last_tsc = rec->time_tsc;
	r->pos = (size_t)(p - r->raw);
	r->left--;
	r->records++;
	return 1;
}

int nwt_next(struct nwt_reader *r, struct nwt_record *rec, char err[NWT_ERRLEN])
{
	int rc = r->state;

	if (rc == 1 && r->left == 0 && r->pos != r->len)
		rc = damaged(r, "%zu bytes after its last record", r->len - r->pos);
	if (rc == 1 && r->left == 0)
		rc = next_block(r);
	if (rc == 1)
		rc = read_record(r, rec);
	if (rc < 0)
		memcpy(err, r->err, NWT_ERRLEN);
	return rc;
}
