/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * linux_boot.c - Linux boots to the VMM's first line, with each cause of the gain switched on by itself.
 */
#include <stdio.h>
#include <stdlib.h>

#include "machine.h"
#include "measure.h"
#include "nws.h"
#include "sim.h"

/* As `nwsim linux` has it; the kernel's messages come without "quiet". */
#define CMDLINE "console=ttyS0,115200%s panic=-1%s%s"

struct row {
	struct nwb_machine machine;
	bool talk;
	const char *text;
};

static const struct row rows[NWB_ROWS] = {
	[NWB_ROW_STOCK] = { { "stock-iso", false, NWB_BOOT_ISO, false, false }, false, "stock, CD-ROM" },
	[NWB_ROW_STOCK_FASTBOOT] = { { "stock-fastboot", false, NWB_BOOT_ISO_FASTBOOT, false, false }, false,
		"stock, CD-ROM, no boot-menu wait" },
	[NWB_ROW_STOCK_DIRECT] = { { "stock-direct", false, NWB_BOOT_DIRECT, false, false }, false,
		"stock, direct loading" },
	[NWB_ROW_STEP] = { { "nwsim-iso-baud-step", true, NWB_BOOT_ISO, false, false }, false,
		"nwsim, CD-ROM, uart=baud, idle=step" },
	[NWB_ROW_JUMP] = { { "nwsim-iso-baud-jump", true, NWB_BOOT_ISO, false, true }, false,
		"nwsim, CD-ROM, uart=baud, idle=jump" },
	[NWB_ROW_UART] = { { "nwsim-iso-fast-jump", true, NWB_BOOT_ISO, true, true }, false,
		"nwsim, CD-ROM, uart=fast, idle=jump" },
	[NWB_ROW_NWSIM] = { { "nwsim-direct-fast-jump", true, NWB_BOOT_DIRECT, true, true }, false,
		"nwsim, direct loading, uart=fast, idle=jump" },
	[NWB_ROW_TALK_BAUD] = { { "nwsim-messages-baud", true, NWB_BOOT_DIRECT, false, true }, true,
		"nwsim, direct, kernel messages, uart=baud" },
	[NWB_ROW_TALK_FAST] = { { "nwsim-messages-fast", true, NWB_BOOT_DIRECT, true, true }, true,
		"nwsim, direct, kernel messages, uart=fast" },
};

const char *nwb_row_id(enum nwb_row row)
{
	return rows[row].machine.id;
}

const char *nwb_row_text(enum nwb_row row)
{
	return rows[row].text;
}

static int boot(const struct nwb_guest *g, const struct row *row, struct nwb_sample *sample)
{
	const struct nwb_options *o = g->o;
	const char *simulator = o->file[row->machine.nwsim ? NWB_NWSIM : NWB_STOCK];
	char *bochsrc = nws_format("bochsrc-%s", row->machine.id), *log = nws_format("log-%s", row->machine.id);
	struct nwb_sim sim;
	int rc = NWS_EXIT_USAGE;

	if (!nwb_machine_write(g, &row->machine, bochsrc, log) &&
	    !nwb_sim_start(&sim, row->text, simulator, g->dir.path, bochsrc, log, -1)) {
		rc = nwb_sim_wait(&sim, o->marker, (double)o->limit_s) ? NWS_EXIT_FAULT : 0;
		nwb_sim_sample(&sim, sample);
		nwb_sim_end(&sim);
	}
	free(bochsrc);
	free(log);
	return rc;
}

static int boot_all(const struct nwb_guest guest[2], const struct nwb_options *o, struct nwb_sample *sample)
{
	for (uint64_t i = 0; i < o->repeat; i++)
		for (unsigned j = 0; j < NWB_ROWS; j++) {
			unsigned r = i % 2 ? NWB_ROWS - 1 - j : j;
			struct nwb_sample *s = &sample[r * o->repeat + i];
			int rc = boot(&guest[rows[r].talk], &rows[r], s);

			if (rc)
				return rc;
			fprintf(stderr, "bench: Linux %u/%u: %-45s %7.2f s wall %7.2f s CPU\n",
				(unsigned)i * NWB_ROWS + j + 1, (unsigned)o->repeat * NWB_ROWS, rows[r].text,
				s->wall_s, s->cpu_s);
		}
	return 0;
}

static void evaluate(const struct nwb_sample *sample, uint64_t repeat, struct nwb_linux *result)
{
	double *value = nws_realloc(NULL, repeat * sizeof(*value));

	for (unsigned r = 0; r < NWB_ROWS; r++) {
		for (uint64_t i = 0; i < repeat; i++)
			value[i] = sample[r * repeat + i].wall_s;
		result->wall_s[r] = nwb_spread_of(value, repeat);
		for (uint64_t i = 0; i < repeat; i++)
			value[i] = sample[r * repeat + i].cpu_s;
		result->cpu_s[r] = nwb_spread_of(value, repeat);
	}
	free(value);
}

int nwb_measure_linux(const struct nwb_options *o, struct nwb_linux *result)
{
	const char *space = *o->append ? " " : "";
	char *quiet = nws_format(CMDLINE, " quiet", space, o->append);
	char *talk = nws_format(CMDLINE, "", space, o->append);
	struct nwb_guest guest[2] = {
		{ .o = o, .kernel = o->file[NWB_KERNEL], .initrd = o->file[NWB_INITRD], .cmdline = quiet },
		{ .o = o, .kernel = o->file[NWB_KERNEL], .initrd = o->file[NWB_INITRD], .cmdline = talk },
	};
	struct nwb_sample *sample = nws_realloc(NULL, NWB_ROWS * o->repeat * sizeof(*sample));
	int rc = NWS_EXIT_USAGE;

	if (!nwb_guest_create(&guest[0], true) && !nwb_guest_create(&guest[1], false))
		rc = boot_all(guest, o, sample);
	if (!rc)
		evaluate(sample, o->repeat, result);
	/* The last one first: the guard process of each directory ends after those created later. */
	nwb_guest_remove(&guest[1]);
	nwb_guest_remove(&guest[0]);
	free(sample);
	free(talk);
	result->cmdline = quiet;
	return rc;
}
