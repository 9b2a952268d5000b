/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * options.c - defaults of `nwsim run` and `nwsim linux`, and their options as one text.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpumodel.h"
#include "nws.h"
#include "options.h"
#include "options_saved.h"

void nws_options_init(struct nws_options *o, bool linux_command)
{
	memset(o, 0, sizeof(*o));
	o->linux_command = linux_command;
	nw_params_init(&o->params);
	nw_stall_init(&o->stall_set);
	o->cpu = NWS_CPU_DEFAULT;
	o->cpus = 1;
	o->jobs = 1;
	o->quantum = NWS_QUANTUM_DEFAULT;
	o->memory_mib = linux_command ? NWS_MEMORY_LINUX : NWS_MEMORY_BARE;
	o->time_limit_us = NWS_TIME_LIMIT_US;
	o->expect = NWS_PASS;
}

void nws_options_free(struct nws_options *o)
{
	free(o->append);
	o->append = NULL;
	free(o->names);
	o->names = NULL;
	o->n_names = 0;
	nws_options_forget(o);
}

bool nws_options_several(const struct nws_options *o)
{
	return o->all || o->n_groups || o->n_names > 1 || o->tap || o->results || o->jobs != 1;
}

void nws_options_stall(struct nws_options *o, const char *text)
{
	char err[NW_STALL_ERRLEN];
	unsigned n = o->stall_set.count;

	if (nw_stall_add(&o->stall_set, text, err)) {
		nws_error("%s", err);
		abort();
	}
	o->stall[n] = text;
}

char *nws_options_canonical(const struct nws_options *o)
{
	struct nws_buf b = { 0 };
	char value[64];

	nws_buf_printf(
		&b, "--cpu %s --memory %" PRIu64 " --uart %s --idle %s --time-limit %" PRIu64 ".%06" PRIu64,
		o->cpu, o->memory_mib, o->uart_baud ? "baud" : "fast", o->idle_step ? "step" : "jump",
		o->time_limit_us / 1000000, o->time_limit_us % 1000000);
	if (o->cpus > 1) /* the quantum means nothing to one CPU */
		nws_buf_printf(&b, " --cpus %u --quantum %u", o->cpus, o->quantum);
	if (o->platform)
		nws_buf_printf(&b, " --platform %s", o->platform == NWS_PLATFORM_TEST ? "test" : "pc");
	if (o->ips)
		nws_buf_printf(&b, " --ips %" PRIu64, o->ips);
	if (o->reset_boot)
		nws_buf_printf(&b, " --reset boot");
	if (o->window_set)
		nws_buf_printf(&b, " --window %u", o->window);
	for (int i = 0; i < NW_PARAM_COUNT; i++) {
		const struct nw_param_info *info = nw_param_info((enum nw_param_id)i);

		if (o->params.v[i] == info->def)
			continue;
		nw_param_format(&o->params, (enum nw_param_id)i, value, sizeof(value));
		nws_buf_printf(&b, " --param %s=%s", info->name, value);
	}
	return b.s;
}
