/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * snapshot_ram.c - the guest's RAM in a saved run, compressed.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#include "nws.h"
#include "snapshot.h"

#define RAM             "memory.ram"
#define RAM_ZST         RAM ".zst"
/* RAM is mostly zeros and code: a higher level makes it 10 % smaller and takes five times as long. */
#define ZSTD_LEVEL      1
#define BLOCK           (1u << 20)

int nws_ram_compress(const char *dir)
{
	char *raw = nws_format("%s/%s", dir, RAM), *in = nws_realloc(NULL, BLOCK);
	size_t room = ZSTD_compressBound(BLOCK), n, left = 0;
	char *out = nws_realloc(NULL, room);
	FILE *from = fopen(raw, "re"), *to = from ? nws_snapshot_open(dir, RAM_ZST, "we") : NULL;
	ZSTD_CCtx *c = ZSTD_createCCtx();
	int rc = -1;

	if (!from)
		nws_error("%s: %s", raw, strerror(errno));
	if (to && c) {
		ZSTD_CCtx_setParameter(c, ZSTD_c_compressionLevel, ZSTD_LEVEL);
		ZSTD_CCtx_setParameter(c, ZSTD_c_checksumFlag, 1);
		do {
			ZSTD_inBuffer i = { in, n = fread(in, 1, BLOCK, from), 0 };
			ZSTD_EndDirective mode = n < BLOCK ? ZSTD_e_end : ZSTD_e_continue;

			do {
				ZSTD_outBuffer o = { out, room, 0 };

				left = ZSTD_compressStream2(c, &o, &i, mode);
				fwrite(out, 1, o.pos, to);
			} while (!ZSTD_isError(left) && (mode == ZSTD_e_end ? left > 0 : i.pos < i.size));
		} while (n == BLOCK && !ZSTD_isError(left));
		rc = ferror(from) || ZSTD_isError(left) ? -1 : 0;
		rc |= nws_snapshot_close(to, dir, RAM_ZST);
		to = NULL;
	}
	if (to)
		fclose(to);
	if (from)
		fclose(from);
	if (!rc)
		unlink(raw);
	ZSTD_freeCCtx(c);
	free(out);
	free(in);
	free(raw);
	return rc;
}

static bool all_zero(const char *p, size_t n)
{
	return !n || (!*p && !memcmp(p, p + 1, n - 1));
}

/* Memory that was never written stays a hole of the file. */
static void write_sparse(FILE *to, const char *p, size_t n)
{
	for (size_t step; n; p += step, n -= step) {
		step = n < 4096 ? n : 4096;
		if (!all_zero(p, step))
			fwrite(p, 1, step, to);
		else
			fseeko(to, (off_t)step, SEEK_CUR);
	}
}

/* 0 = the whole image has been expanded, -1 after one line. */
static int expand(FILE *from, FILE *to, uint64_t limit, const char *state)
{
	size_t room = ZSTD_DStreamOutSize(), in_size = ZSTD_DStreamInSize(), n, rc = 1;
	char *out = nws_realloc(NULL, room), *in = nws_realloc(NULL, in_size);
	ZSTD_DCtx *c = ZSTD_createDCtx();
	uint64_t total = 0;

	while (c && !ZSTD_isError(rc) && total <= limit && !ferror(to) && (n = fread(in, 1, in_size, from)) > 0) {
		ZSTD_inBuffer i = { in, n, 0 };

		while (!ZSTD_isError(rc) && i.pos < i.size && total <= limit && !ferror(to)) {
			ZSTD_outBuffer o = { out, room, 0 };

			rc = ZSTD_decompressStream(c, &o, &i);
			total += o.pos;
			if (!ZSTD_isError(rc) && total <= limit)
				write_sparse(to, out, o.pos);
		}
	}
	ZSTD_freeDCtx(c);
	free(in);
	free(out);
	if (total > limit)
		nws_error("%s/" RAM_ZST ": more than the memory of the run; save the run again", state);
	else if (rc && !ferror(to))
		nws_error("%s/" RAM_ZST ": damaged or cut off; save the run again", state);
	else
		return 0; /* what could not be written is noticed at the end */
	return -1;
}

int nws_ram_expand(const char *state, const char *dir, uint64_t limit)
{
	FILE *from = nws_snapshot_open(state, RAM_ZST, "re"), *to = from ? nws_snapshot_open(dir, RAM, "we") : NULL;
	int rc = -1;

	if (to) {
		rc = expand(from, to, limit, state);
		/* what follows the last block that is not all zeros is a hole, too */
		if (!rc && (fflush(to) || ftruncate(fileno(to), ftello(to)))) {
			nws_error("cannot write %s/" RAM ": %s", dir, strerror(errno));
			fclose(to);
			rc = -1;
		} else if (nws_snapshot_close(to, dir, RAM)) {
			rc = -1;
		}
	}
	if (from)
		fclose(from);
	return rc;
}
