/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * hash.c - SHA-256 of a file, with Nettle.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <nettle/sha2.h>

#include "hash.h"
#include "nws.h"

int nws_hash_file(const char *path, char hex[NWS_HASH_LEN])
{
	uint8_t block[65536], digest[SHA256_DIGEST_SIZE];
	struct sha256_ctx ctx;
	FILE *f = fopen(path, "rb");
	size_t n;

	if (!f) {
		nws_error("%s: %s", path, strerror(errno));
		return -1;
	}
	sha256_init(&ctx);
	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		sha256_update(&ctx, n, block);
	if (ferror(f)) {
		nws_error("%s: read error", path);
		fclose(f);
		return -1;
	}
	fclose(f);
	sha256_digest(&ctx, sizeof(digest), digest);
	for (size_t i = 0; i < sizeof(digest); i++)
		sprintf(hex + 2 * i, "%02x", digest[i]);
	return 0;
}
