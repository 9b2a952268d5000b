/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit.h - what every bare-metal guest uses: report, parameters, exceptions.
 *
 * A guest is one function, guest_main(), entered in 64-bit mode at CPL 0 with interrupts disabled,
 * all interrupt controllers masked and memory below 4 GiB mapped one to one. It states claims with
 * check() and returns, or ends the run early with skip_all() (nothing to test here) or bail()
 * (could not make the test). The report is TAP on COM1.
 */
#ifndef KIT_KIT_H
#define KIT_KIT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cpu.h"
#include "nw_abi.h"

#define ARRAY_SIZE(a)   (sizeof(a) / sizeof((a)[0]))
#define PRINTF(f, a)    __attribute__((format(printf, f, a)))
#define NORETURN        __attribute__((noreturn))

/* The guest: returning from it ends the run with the verdict of the claims made. */
void guest_main(void);

/* ---- Report (report.c) ----------------------------------------------------------------------- */

/* States one claim: prints "ok" or "not ok" with the text. Returns ok. */
bool check(bool ok, const char *fmt, ...) PRINTF(2, 3);
/* States that two numbers are equal; both are printed when they are not. */
bool check_equal(uint64_t got, uint64_t want, const char *fmt, ...) PRINTF(3, 4);
bool check_vequal(uint64_t got, uint64_t want, const char *fmt, va_list ap);
/* A claim that this machine cannot decide. */
void skip(const char *reason, const char *fmt, ...) PRINTF(2, 3);
/* Prints a comment line. */
void note(const char *fmt, ...) PRINTF(1, 2);
/* Ends the run: the whole guest does not apply to this machine. */
void skip_all(const char *fmt, ...) PRINTF(1, 2) NORETURN;
/* Ends the run: an error of the test, not a claim that failed. */
void bail(const char *fmt, ...) PRINTF(1, 2) NORETURN;
/* Ends the run with the verdict of the claims so far. */
void done(void) NORETURN;

/* One claim over many repetitions: count with tally_equal(), then report it as one line. */
struct tally {
	const char *what;       /* the claim */
	unsigned count;         /* repetitions seen */
	unsigned bad;           /* how many differed */
	uint64_t got, want;     /* of the first that differed */
};
void tally_equal(struct tally *t, uint64_t got, uint64_t want);
/* The claim, after a prefix. Fails also when no repetition was seen. */
void tally_check(const struct tally *t, const char *fmt, ...) PRINTF(2, 3);
void tally_vcheck(const struct tally *t, const char *fmt, va_list ap);

/* ---- Printing (print.c, serial.c, screen.c) -------------------------------------------------- */

void serial_init(void);
void serial_putc(char c);
/* The VGA text screen, cleared. Without screen_init(), screen_putc() does nothing. */
void screen_init(void);
void screen_putc(char c);
/*
 * Subset of printf: flags 0 and -, width, precision of %s, l and ll, conversions d u x X c s p %.
 */
void print(const char *fmt, ...) PRINTF(1, 2);
void vprint(const char *fmt, va_list ap);

/* ---- Machine (main.c, param.c) --------------------------------------------------------------- */

/*
 * True when the guest runs in nwsim. Otherwise no port of the simulator is written; its signature port was read once, unless
 * the command line has hardware=1.
 */
bool in_simulator(void);
/* Records a mark event in the trace of nwsim; nothing elsewhere. */
void mark(uint32_t value);
/*
 * Ratio TSC / crystal clock of CPUID.15H; false when the CPU does not enumerate it. crystal_hz is 0
 * if unknown.
 */
struct clock_ratio { uint32_t numerator, denominator, crystal_hz; };
bool clock_ratio(struct clock_ratio *r);

/* False when it is longer than what can be kept; then it has no words. */
bool param_init(const char *cmdline);
/*
 * Value of the word "name=value" of the command line, decimal or 0x..., or fallback. A value that
 * is no number ends the run.
 */
uint64_t param_number(const char *name, uint64_t fallback);
/* True when the command line has the word "name=..." */
bool param_given(const char *name);

/* ---- Descriptors and exceptions (desc.c, trap.S) --------------------------------------------- */

#define SEL_CODE64      0x08
#define SEL_DATA        0x10
#define SEL_TSS         0x18

struct trap_frame {
	uint64_t r15, r14, r13, r12, r11, r10, r9, r8, rbp, rdi, rsi, rdx, rcx, rbx, rax;
	uint64_t vector, error_code;
	uint64_t rip, cs, rflags, rsp, ss;
};
typedef void trap_handler(struct trap_frame *frame);

void desc_init(void);
uint64_t desc_gdt_base(void);
uint64_t desc_idt_base(void);
uint64_t desc_tss_base(void);
uint16_t desc_gdt_limit(void);
uint16_t desc_idt_limit(void);
/* The vector's events use stack `ist` (2 to 7) of the interrupt stack table, which ends at top; or, with 0, none. */
void desc_set_ist(uint8_t vector, unsigned ist, const void *top);
/* Address of the first instruction that the delivery of a vector reaches. */
uint64_t desc_idt_target(uint8_t vector);
/* Installs a handler for a vector (NULL: unexpected again, which ends the run as an error). */
void trap_set(uint8_t vector, trap_handler *handler);
/* WRMSR that reports an exception: true when the MSR took the value. */
bool wrmsr_try(uint32_t msr, uint64_t value);
/* RDMSR that reports an exception: true when the MSR could be read. */
bool rdmsr_try(uint32_t msr, uint64_t *value);
/*
 * Calls f(arg). 0 when it returned, else the vector of the exception it raised, plus 1; what f had on the stack is gone
 * then. Vectors with a handler are left to it. Not nested.
 */
unsigned trap_catch(void (*f)(void *), void *arg);

/* ---- What the compiler may call (string.c) --------------------------------------------------- */

void *memcpy(void *to, const void *from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int byte, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);

#endif
