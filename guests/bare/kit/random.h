/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * random.h - repeatable random numbers for guests that try what nobody would: the words seed= and rounds= of the
 * command line choose them.
 */
#ifndef KIT_RANDOM_H
#define KIT_RANDOM_H

#include "kit.h"

struct random { uint64_t state; };

/* Seeded by the word seed= of the command line, or by fallback. Prints a comment line that repeats the run. */
void random_init(struct random *r, uint64_t fallback);
/* 64 random bits (SplitMix64). */
uint64_t random_bits(struct random *r);
/* 0 <= result < n; n is not 0. */
uint64_t random_below(struct random *r, uint64_t n);
/* A value as tests like it: zero, ones, one bit, small, or any; width bits are significant. */
uint64_t random_value(struct random *r, unsigned width);

#endif
