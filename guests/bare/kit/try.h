/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * try.h - one instruction that may raise an exception, and which one it raised.
 */
#ifndef KIT_TRY_H
#define KIT_TRY_H

#include "kit.h"

#define NO_EXCEPTION    (-1)

/* continue_at is first: try_instruction() stores to it by the symbol's name. */
struct try_state {
	uint64_t continue_at;           /* 0: no trial is under way */
	uint64_t error_code;
	int vector;
};
extern struct try_state try_state;

/*
 * Executes an instruction given as for asm (text, then ": outputs : inputs : clobbers") and returns
 * the vector of the exception it raised, or NO_EXCEPTION; try_state.error_code holds the error code.
 * Exceptions that have a handler of trap_set() go to that handler.
 */
#define try_instruction(text, ...) ({ \
	try_state.vector = NO_EXCEPTION; \
	asm volatile("movq $771f, try_state\n\t" text "\n771:" __VA_ARGS__); \
	try_state.continue_at = 0; \
	*(volatile int *)&try_state.vector; \
})

#endif
