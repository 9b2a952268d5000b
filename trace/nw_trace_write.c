/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nw_trace_write.c - the writer: records into blocks of 64 KiB, each compressed by itself with a fixed level and one
 * thread, so that equal runs give equal bytes.
 *
 * The file has the name PATH.tmp until nwt_close() has written the last byte. Whether a full pipe or a file size limit
 * kills the program (SIGPIPE, SIGXFSZ) is the program's choice; where it ignores the signals they are write errors.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "nw_trace_priv.h"

#define UNKNOWN_TYPE 0xff

struct nwt_writer {
	int fd;
	nwt_write_fn *write_fn;
	char *path;             /* of the file */
	char *tmp;              /* its temporary name, NULL: path is a device or pipe and is written directly */
	ZSTD_CCtx *cctx;

	uint8_t *raw;           /* the block being filled */
	size_t raw_len;
	uint8_t *out;           /* a finished block: head and stored bytes */
	size_t out_size;
	uint32_t block_records;
	uint64_t block_tsc;     /* time of the last record of the block, 0 at its start */

	uint64_t records, blocks, last_tsc, content_crc;
	bool failed;
	char err[NWT_ERRLEN];

	uint8_t n_fields[256];
	uint64_t previous[256][NWT_FIELDS_MAX]; /* fields of the type's last record in this block */
	uint64_t crc_table[256];
};

/* ---- Blocks ------------------------------------------------------------------------------------------ */

static void put_bytes(struct nwt_writer *w, const uint8_t *p, size_t len)
{
	while (len > 0 && !w->failed) {
		ssize_t n = w->write_fn(w->fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			nwt_error(w->err, w->path, "cannot write the trace: %s", strerror(n < 0 ? errno : ENOSPC));
			w->failed = true;
			return;
		}
		p += n;
		len -= (size_t)n;
	}
}

static void put_block(struct nwt_writer *w, const char *tag, const uint8_t *raw, size_t len, uint32_t records)
{
	size_t stored;

	stored = ZSTD_compress2(w->cctx, w->out + NWT_HEAD_SIZE, w->out_size - NWT_HEAD_SIZE, raw, len);
	if (ZSTD_isError(stored)) {
		nwt_error(w->err, w->path, "cannot compress the trace: %s", ZSTD_getErrorName(stored));
		w->failed = true;
		return;
	}
	nwt_make_head(w->out, w->crc_table, tag, (uint32_t)len, (uint32_t)stored, records, w->out + NWT_HEAD_SIZE);
	put_bytes(w, w->out, NWT_HEAD_SIZE + stored);
}

static void flush_records(struct nwt_writer *w)
{
	if (w->block_records == 0)
		return;
	w->content_crc = nwt_crc64(w->crc_table, w->content_crc, w->raw, w->raw_len);
	put_block(w, NWT_TAG_RECORDS, w->raw, w->raw_len, w->block_records);
	w->blocks++;
	w->raw_len = 0;
	w->block_records = 0;
	w->block_tsc = 0;
	memset(w->previous, 0, sizeof(w->previous));
}

static void put_end(struct nwt_writer *w)
{
	uint8_t raw[NWT_END_RAW];

	nwt_put_u64(raw, w->records);
	nwt_put_u64(raw + 8, w->blocks);
	nwt_put_u64(raw + 16, w->last_tsc);
	nwt_put_u64(raw + 24, w->content_crc);
	put_block(w, NWT_TAG_END, raw, sizeof(raw), 0);
}

/* ---- Creation ---------------------------------------------------------------------------------------- */

/*
 * Opens the temporary file. One left over by a run that was killed is reused; one that another run is writing is
 * recognised by its lock. No lock on this file system: then two runs with one output are the user's own risk.
 */
static int open_temporary(const char *tmp, char err[NWT_ERRLEN])
{
	for (;;) {
		struct stat st, named;
		int fd = open(tmp, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666);

		if (fd < 0 || fstat(fd, &st) < 0) {
			nwt_error(err, tmp, "cannot create: %s", strerror(errno));
		} else if (!S_ISREG(st.st_mode)) {
			nwt_error(err, tmp, "exists and is not a regular file; remove it");
		} else if (flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK) {
			nwt_error(err, tmp, "another run is writing it; choose another trace file");
		} else if (stat(tmp, &named) < 0 || named.st_ino != st.st_ino || named.st_dev != st.st_dev) {
			/* Its owner has just renamed or removed it. */
			close(fd);
			continue;
		} else if (ftruncate(fd, 0) < 0) {
			nwt_error(err, tmp, "cannot truncate: %s", strerror(errno));
		} else {
			return fd;
		}
		if (fd >= 0)
			close(fd);
		return -1;
	}
}

static char *temporary_name(const char *path)
{
	size_t size = strlen(path) + sizeof(".tmp");
	char *tmp = malloc(size);

	if (tmp)
		snprintf(tmp, size, "%s.tmp", path);
	return tmp;
}

/* Sets fd, path and tmp. */
static int open_target(struct nwt_writer *w, const char *path, char err[NWT_ERRLEN])
{
	struct stat st;
	bool exists = stat(path, &st) == 0;

	if (exists && !S_ISREG(st.st_mode)) {
		w->path = strdup(path);
		w->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
		if (w->fd < 0 || !w->path)
			nwt_error(err, path, "cannot write: %s", strerror(errno));
		return w->fd < 0 || !w->path ? -1 : 0;
	}
	/* A link to a file: the file is replaced, not the link. */
	w->path = exists ? realpath(path, NULL) : strdup(path);
	w->tmp = w->path ? temporary_name(w->path) : NULL;
	if (!w->tmp || path[0] == '\0') {
		nwt_error(err, path, "cannot create: %s", strerror(path[0] ? errno : ENOENT));
		return -1;
	}
	w->fd = open_temporary(w->tmp, err);
	return w->fd < 0 ? -1 : 0;
}

static int prepare(struct nwt_writer *w, size_t header_len)
{
	size_t bound = ZSTD_compressBound(header_len > NWT_RECORDS_RAW_MAX ? header_len : NWT_RECORDS_RAW_MAX);

	w->out_size = NWT_HEAD_SIZE + bound;
	w->out = malloc(w->out_size);
	w->raw = malloc(NWT_RECORDS_RAW_MAX);
	w->cctx = ZSTD_createCCtx();
	if (!w->out || !w->raw || !w->cctx)
		return -1;
	return ZSTD_isError(ZSTD_CCtx_setParameter(w->cctx, ZSTD_c_compressionLevel, NWT_ZSTD_LEVEL)) ? -1 : 0;
}

static void put_start(struct nwt_writer *w, const uint8_t *header, size_t len)
{
	uint8_t prelude[NWT_PRELUDE_SIZE];

	memcpy(prelude, NWT_MAGIC, NWT_MAGIC_SIZE);
	nwt_put_u32(prelude + NWT_MAGIC_SIZE, NWT_VERSION);
	put_bytes(w, prelude, sizeof(prelude));
	w->content_crc = nwt_crc64(w->crc_table, 0, header, len);
	put_block(w, NWT_TAG_HEADER, header, len, 0);
}

/* Closes and frees; the temporary file goes unless it has been renamed. */
static void destroy(struct nwt_writer *w)
{
	if (w->fd >= 0) {
		if (w->tmp)
			unlink(w->tmp);
		close(w->fd);
	}
	ZSTD_freeCCtx(w->cctx);
	free(w->out);
	free(w->raw);
	free(w->tmp);
	free(w->path);
	free(w);
}

struct nwt_writer *nwt_create_with(const char *path, const struct nwt_config *cfg, size_t n_cfg,
				   const struct nwt_type_info *types, size_t n_types, nwt_write_fn *write_fn,
				   char err[NWT_ERRLEN])
{
	size_t len;
	uint8_t *header = nwt_header_encode(path, cfg, n_cfg, types, n_types, &len, err);
	struct nwt_writer *w;

	if (!header)
		return NULL;
	w = calloc(1, sizeof(*w));
	if (w)
		w->fd = -1;
	if (!w || prepare(w, len) < 0) {
		nwt_error(err, path, "cannot create: %s", strerror(ENOMEM));
		goto fail;
	}
	w->write_fn = write_fn;
	nwt_crc64_init(w->crc_table);
	memset(w->n_fields, UNKNOWN_TYPE, sizeof(w->n_fields));
	for (size_t i = 0; i < n_types; i++)
		w->n_fields[types[i].type] = (uint8_t)types[i].n;
	if (open_target(w, path, err) < 0)
		goto fail;
	put_start(w, header, len);
	if (w->failed) {
		memcpy(err, w->err, NWT_ERRLEN);
		goto fail;
	}
	free(header);
	return w;
fail:
	if (w)
		destroy(w);
	free(header);
	return NULL;
}

struct nwt_writer *nwt_create(const char *path, const struct nwt_config *cfg, size_t n_cfg, char err[NWT_ERRLEN])
{
	return nwt_create_with(path, cfg, n_cfg, nwt_type_info(1), NWT_TYPE_COUNT - 1, write, err);
}

/* ---- Records ----------------------------------------------------------------------------------------- */

/* A record that no reader could accept is a defect of the caller: it fails the file rather than hiding. */
static bool acceptable(struct nwt_writer *w, const struct nwt_record *rec)
{
	if (w->n_fields[rec->type] == UNKNOWN_TYPE)
		nwt_error(w->err, w->path, "record %llu: unknown event type %u", (unsigned long long)w->records,
			  rec->type);
	else if (w->n_fields[rec->type] != rec->n)
		nwt_error(w->err, w->path, "record %llu: event type %u with %u fields, it has %u",
			  (unsigned long long)w->records, rec->type, rec->n, w->n_fields[rec->type]);
	else if (rec->time_tsc < w->last_tsc)
		nwt_error(w->err, w->path, "record %llu: time %llu after time %llu", (unsigned long long)w->records,
			  (unsigned long long)rec->time_tsc, (unsigned long long)w->last_tsc);
	else
		return true;
	w->failed = true;
	return false;
}

void nwt_write(struct nwt_writer *w, const struct nwt_record *rec)
{
	uint64_t *previous = w->previous[rec->type];
	uint8_t *p;

	if (w->failed || !acceptable(w, rec))
		return;
	if (NWT_RECORDS_RAW_MAX - w->raw_len < NWT_RECORD_MAX)
		flush_records(w);
	p = w->raw + w->raw_len;
	*p++ = rec->type;
	*p++ = rec->cpu;
	p = nwt_put_varint(p, rec->time_tsc - w->block_tsc);
	for (unsigned k = 0; k < rec->n; k++) {
		p = nwt_put_varint(p, nwt_zigzag(rec->f[k] - previous[k]));
		previous[k] = rec->f[k];
	}
	w->raw_len = (size_t)(p - w->raw);
	w->block_tsc = w->last_tsc = rec->time_tsc;
	w->block_records++;
	w->records++;
}

void nwt_event(struct nwt_writer *w, enum nwt_type type, unsigned cpu, uint64_t time_tsc, const uint64_t *fields)
{
	const struct nwt_type_info *info = nwt_type_info(type);
	struct nwt_record rec = { .type = (uint8_t)type, .cpu = (uint8_t)cpu, .time_tsc = time_tsc };

	if (info) {
		rec.n = (uint8_t)info->n;
		memcpy(rec.f, fields, info->n * sizeof(*fields));
	}
	nwt_write(w, &rec);
}

/* ---- A copy of what there is ------------------------------------------------------------------------- */

static void copy_blocks(struct nwt_writer *w, int from)
{
	uint8_t buf[1 << 16];
	ssize_t n;

	while (!w->failed && (n = read(from, buf, sizeof(buf))) != 0) {
		if (n > 0) {
			put_bytes(w, buf, (size_t)n);
		} else if (errno != EINTR) {
			nwt_error(w->err, w->tmp, "cannot read: %s", strerror(errno));
			w->failed = true;
		}
	}
}

int nwt_copy(struct nwt_writer *w, const char *path, char err[NWT_ERRLEN])
{
	struct nwt_writer saved = *w;
	int from = w->tmp ? open(w->tmp, O_RDONLY | O_CLOEXEC) : -1;
	bool failed;

	if (w->failed || from < 0) {
		if (w->failed)
			memcpy(err, w->err, NWT_ERRLEN);
		else
			nwt_error(err, w->path, "cannot be copied: %s",
				  w->tmp ? strerror(errno) : "it is a device or pipe");
		if (from >= 0)
			close(from);
		return -1;
	}
	w->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (w->fd < 0) {
		nwt_error(w->err, path, "cannot create: %s", strerror(errno));
		w->failed = true;
	}
	copy_blocks(w, from);
	if (!w->failed)
		flush_records(w);
	if (!w->failed)
		put_end(w);
	failed = w->failed;
	memcpy(err, w->err, NWT_ERRLEN);
	if (w->fd >= 0)
		close(w->fd);
	close(from);
	*w = saved;
	return failed ? -1 : 0;
}

/* ---- End --------------------------------------------------------------------------------------------- */

/* Renames before it closes: the lock is held until the temporary name is gone. */
static void give_name(struct nwt_writer *w)
{
	if (w->tmp && rename(w->tmp, w->path) < 0) {
		nwt_error(w->err, w->path, "cannot give the finished file its name: %s", strerror(errno));
		w->failed = true;
		return;
	}
	/* Network file systems may report a full disk only here. */
	if (close(w->fd) < 0 && errno != EINTR) {
		nwt_error(w->err, w->path, "cannot write the trace: %s", strerror(errno));
		w->failed = true;
		if (w->tmp)
			unlink(w->path);
	}
	w->fd = -1;
}

int nwt_close(struct nwt_writer *w, char err[NWT_ERRLEN])
{
	bool failed;

	if (!w->failed)
		flush_records(w);
	if (!w->failed)
		put_end(w);
	if (!w->failed)
		give_name(w);
	failed = w->failed;
	if (failed)
		memcpy(err, w->err, NWT_ERRLEN);
	destroy(w);
	return failed ? -1 : 0;
}
