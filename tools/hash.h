/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * hash.h - content hashes of the files a run uses.
 */
#ifndef NWS_HASH_H
#define NWS_HASH_H

#define NWS_HASH_LEN 65

/* SHA-256 of a file's content as lower-case hexadecimal text. 0, or -1 after one line on standard error. */
int nws_hash_file(const char *path, char hex[NWS_HASH_LEN]);

#endif
