/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cpu_bound.c - the CPU-bound guest on both simulators, round by round.
 */
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include "machine.h"
#include "measure.h"
#include "nws.h"
#include "sim.h"

#define ROUNDS  100u    /* a billion guest instructions; the first round warms up the caches and is not counted */
#define BEGIN   "cpu-bound: begin"
#define ROUND   "."
#define END     "cpu-bound: ticks="

enum { STOCK, NWSIM, SIMULATORS };

/* The baud delay of the mark that ends a round is the same on both. */
static const struct nwb_machine machine[SIMULATORS] = {
	[STOCK] = { "stock", false, NWB_BOOT_DIRECT, false, false },
	[NWSIM] = { "nwsim", true, NWB_BOOT_DIRECT, false, true },
};

/* Of all rounds that count. */
struct rounds {
	size_t n;
	double *cpu_s[SIMULATORS], *ratio;
	uint64_t instructions[SIMULATORS];
	uint64_t ticks;
};

static int start(const struct nwb_guest *g, unsigned which, int host_cpu, struct nwb_sim *sim)
{
	const struct nwb_machine *m = &machine[which];
	char *bochsrc = nws_format("bochsrc-%s", m->id), *log = nws_format("log-%s", m->id);
	int rc = NWS_EXIT_USAGE;

	if (!nwb_machine_write(g, m, bochsrc, log) &&
	    !nwb_sim_start(sim, which == STOCK ? "stock, CPU-bound guest" : "nwsim, CPU-bound guest",
			   g->o->file[which == STOCK ? NWB_STOCK : NWB_NWSIM], g->dir.path, bochsrc, log, host_cpu))
		rc = nwb_sim_wait(sim, BEGIN, (double)g->o->limit_s) || nwb_sim_stop(sim) ? NWS_EXIT_FAULT : 0;
	free(bochsrc);
	free(log);
	return rc;
}

/* Lets one simulator run until its next mark; *d is what that took. */
static int run_round(struct nwb_sim *sim, double limit_s, struct nwb_sample *d)
{
	struct nwb_sample before, after;

	nwb_sim_sample(sim, &before);
	nwb_sim_continue(sim);
	if (nwb_sim_wait(sim, ROUND, limit_s) || nwb_sim_stop(sim))
		return NWS_EXIT_FAULT;
	nwb_sim_sample(sim, &after);
	d->cpu_s = after.cpu_s - before.cpu_s;
	d->instructions = after.instructions - before.instructions;
	return 0;
}

static int run_rounds(struct nwb_sim sim[SIMULATORS], double limit_s, struct rounds *rounds)
{
	struct nwb_sample d[SIMULATORS];

	for (unsigned i = 0; i < ROUNDS; i++) {
		unsigned first = i % 2;
		int rc = run_round(&sim[first], limit_s, &d[first]);

		if (!rc)
			rc = run_round(&sim[!first], limit_s, &d[!first]);
		if (rc)
			return rc;
		if (i == 0)
			continue;
		for (unsigned s = 0; s < SIMULATORS; s++) {
			rounds->cpu_s[s][rounds->n] = d[s].cpu_s;
			rounds->instructions[s] += d[s].instructions;
		}
		rounds->ratio[rounds->n++] = d[NWSIM].cpu_s / d[STOCK].cpu_s;
	}
	return 0;
}

/* The guest says how many TSC ticks its rounds took. */
static int read_ticks(struct nwb_sim *sim, double limit_s, uint64_t *ticks)
{
	char number[32];

	nwb_sim_continue(sim);
	if (nwb_sim_wait(sim, END, limit_s) || nwb_sim_line(sim, number, sizeof(number), limit_s))
		return NWS_EXIT_FAULT;
	if (nws_parse_u64(number, 1, UINT64_MAX, ticks))
		return 0;
	nws_error("%s: \"%s\" is no number of ticks", sim->name, number);
	return NWS_EXIT_FAULT;
}

static int run_pair(const struct nwb_guest *g, struct rounds *rounds)
{
	double limit_s = (double)g->o->limit_s;
	struct nwb_sim sim[SIMULATORS] = { { .counter = -1 }, { .counter = -1 } };
	int host_cpu = sched_getcpu(), rc = 0;

	for (unsigned s = 0; s < SIMULATORS && !rc; s++)
		rc = start(g, s, host_cpu, &sim[s]);
	if (!rc)
		rc = run_rounds(sim, limit_s, rounds);
	if (!rc)
		rc = read_ticks(&sim[NWSIM], limit_s, &rounds->ticks);
	for (unsigned s = 0; s < SIMULATORS; s++)
		nwb_sim_end(&sim[s]);
	return rc;
}

static void evaluate(const struct rounds *rounds, struct nwb_cpu_bound *result)
{
	result->round_pairs = rounds->n;
	result->ticks = rounds->ticks / ROUNDS;
	result->ratio = nwb_spread_of(rounds->ratio, rounds->n);
	result->stock_s = nwb_spread_of(rounds->cpu_s[STOCK], rounds->n);
	result->nwsim_s = nwb_spread_of(rounds->cpu_s[NWSIM], rounds->n);
	result->instruction_ratio = 0;
	if (rounds->instructions[STOCK] && rounds->instructions[NWSIM])
		result->instruction_ratio =
			(double)rounds->instructions[NWSIM] / (double)rounds->instructions[STOCK];
}

int nwb_measure_cpu_bound(const struct nwb_options *o, struct nwb_cpu_bound *result)
{
	char *cmdline = nws_format("rounds=%u", ROUNDS);
	struct nwb_guest guest = { .o = o, .kernel = o->file[NWB_GUEST], .cmdline = cmdline };
	size_t size = o->pairs * ROUNDS * sizeof(double);
	struct rounds rounds = {
		.cpu_s = { nws_realloc(NULL, size), nws_realloc(NULL, size) }, .ratio = nws_realloc(NULL, size)
	};
	int rc = nwb_guest_create(&guest, false) ? NWS_EXIT_USAGE : 0;

	for (uint64_t i = 0; i < o->pairs && !rc; i++) {
		rc = run_pair(&guest, &rounds);
		if (!rc)
			fprintf(stderr, "bench: CPU-bound guest, pair %" PRIu64 "/%" PRIu64 ": ratio so far %.4f\n",
				i + 1, o->pairs, nwb_spread_of(rounds.ratio, rounds.n).median);
	}
	if (!rc)
		evaluate(&rounds, result);
	nwb_guest_remove(&guest);
	free(rounds.cpu_s[STOCK]);
	free(rounds.cpu_s[NWSIM]);
	free(rounds.ratio);
	free(cmdline);
	return rc;
}
