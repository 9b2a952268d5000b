/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nw_boot.c - libnwboot: from a request to image files and bochsrc lines.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "boot_internal.h"

#define MEMORY_MIN      ((uint64_t)NW_BOOT_MEMORY_MIN_MIB * BOOT_MIB)
#define MEMORY_MAX      ((uint64_t)NW_BOOT_MEMORY_MAX_MIB * BOOT_MIB)
#define HOLE            ((uint64_t)NW_BOOT_HOLE_MIB * BOOT_MIB)
#define END_MARK_ALIGN  16u

/* Everything that one call of nw_boot_prepare holds; freed in one place. */
struct job {
	const struct nw_boot_request *request;
	uint64_t limit;                         /* first address that the guest's files may not use */
	struct boot_file kernel, initrd;
	struct boot_file modules[NW_HO_MODULES_MAX];
	struct boot_layout layout;
	uint8_t *area;                          /* the hand-off area */
};

uint32_t nw_boot_bochs_mib(uint64_t memory_mib)
{
	return (uint32_t)(memory_mib > NW_BOOT_HOLE_MIB ? memory_mib + BOOT_NO_LIMIT / BOOT_MIB - NW_BOOT_HOLE_MIB
							: memory_mib);
}

/* End of the RAM below 4 GiB. */
static uint64_t low_end(const struct nw_boot_request *r)
{
	return r->memory_bytes < HOLE ? r->memory_bytes : HOLE;
}

const char *nw_boot_kind_name(enum nw_boot_kind kind)
{
	switch (kind) {
	case NW_BOOT_MULTIBOOT:
		return "multiboot";
	case NW_BOOT_LINUX:
		return "linux";
	case NW_BOOT_SECTOR:
		return "sector";
	}
	return "unknown";
}

int nw_boot_inspect(const char *path, enum nw_boot_kind *kind, char err[NW_BOOT_ERRLEN])
{
	struct boot_file file;
	struct boot_linux image;
	struct boot_layout layout;
	int result = boot_file_read(path, &file, err);

	if (result)
		return result;
	result = boot_identify(&file, kind, err);
	if (!result && *kind == NW_BOOT_MULTIBOOT)
		result = boot_multiboot_layout(&file, BOOT_NO_LIMIT, &layout, err);
	else if (!result && *kind == NW_BOOT_LINUX)
		result = boot_linux_parse(&file, &image, err);
	boot_file_free(&file);
	return result;
}

/* ---- Checks of the request --------------------------------------------------------------------------- */

static int check_request(const struct nw_boot_request *r, char *err)
{
	if (r->memory_bytes < MEMORY_MIN || r->memory_bytes > MEMORY_MAX || r->memory_bytes % BOOT_MIB)
		return boot_fail(err, NW_BOOT_EREQUEST, "guest memory",
				 "%" PRIu64 " bytes, whole MiB from %d to %d are accepted", r->memory_bytes,
				 NW_BOOT_MEMORY_MIN_MIB, NW_BOOT_MEMORY_MAX_MIB);
	if (r->module_count > NW_HO_MODULES_MAX)
		return boot_fail(err, NW_BOOT_EREQUEST, r->kernel, "%zu modules, at most %d are accepted",
				 r->module_count, NW_HO_MODULES_MAX);
	return 0;
}

static int check_kind(const struct nw_boot_request *r, enum nw_boot_kind kind, char *err)
{
	if (r->initrd && kind != NW_BOOT_LINUX)
		return boot_fail(err, NW_BOOT_EREQUEST, r->initrd,
				 "an initial RAM disk goes with a Linux kernel, the guest is of kind %s",
				 nw_boot_kind_name(kind));
	if (r->module_count && kind != NW_BOOT_MULTIBOOT)
		return boot_fail(err, NW_BOOT_EREQUEST, r->modules[0].path,
				 "modules go with a multiboot guest, the guest is of kind %s",
				 nw_boot_kind_name(kind));
	if (r->cmdline && *r->cmdline && kind == NW_BOOT_SECTOR)
		return boot_fail(err, NW_BOOT_EREQUEST, r->kernel, "a boot sector takes no command line");
	return 0;
}

/* ---- One function per protocol ----------------------------------------------------------------------- */

static int prepare_sector(struct job *job)
{
	job->layout.kind = NW_BOOT_SECTOR;
	job->layout.entry = 0x7c00;
	memcpy(job->area + NW_HO_SECTOR, job->kernel.data, job->kernel.size);
	boot_handoff_header(job->area, NW_PROTOCOL_SECTOR, &job->layout);
	return 0;
}

static int prepare_linux(struct job *job, char *err)
{
	const struct nw_boot_request *r = job->request;
	struct boot_linux image;
	int result = boot_linux_parse(&job->kernel, &image, err);

	if (!result && r->initrd)
		result = boot_file_read(r->initrd, &job->initrd, err);
	if (!result)
		result = boot_linux_layout(&job->kernel, &image, r->initrd ? &job->initrd : NULL, job->limit,
					   &job->layout, err);
	if (!result)
		result = boot_handoff_cmdline(job->area, r->cmdline, image.cmdline_max, r->kernel, err);
	if (!result)
		boot_handoff_linux(job->area, &image, r->initrd ? &job->layout.pieces[1] : NULL);
	return result;
}

static int place_module(struct job *job, size_t i, char *err)
{
	struct boot_layout *l = &job->layout;
	struct boot_file *file = &job->modules[i];
	uint64_t address = boot_page_up(l->end);
	int result = boot_file_read(job->request->modules[i].path, file, err);

	if (result)
		return result;
	if (address > job->limit || file->size > job->limit - address)
		return boot_fail(err, NW_BOOT_ELIMIT, file->path,
				 "module of 0x%zx bytes does not fit between 0x%" PRIx64 " and 0x%" PRIx64
				 ": more guest memory is needed", file->size, address, job->limit);
	l->pieces[l->count++] = (struct boot_piece){ file->data, (uint32_t)file->size, (uint32_t)address };
	l->end = address + file->size;
	return 0;
}

static int prepare_multiboot(struct job *job, char *err)
{
	const struct nw_boot_request *r = job->request;
	int result = boot_multiboot_layout(&job->kernel, job->limit, &job->layout, err);

	for (size_t i = 0; !result && i < r->module_count; i++)
		result = place_module(job, i, err);
	if (!result)
		result = boot_handoff_cmdline(job->area, r->cmdline, UINT32_MAX, r->kernel, err);
	if (!result)
		result = boot_handoff_multiboot(job->area, r, &job->layout, err);
	return result;
}

/* ---- Image files ------------------------------------------------------------------------------------- */

static int write_image(struct nw_boot_plan *plan, const char *directory, const char *name,
		       const struct boot_piece *pieces, size_t count, uint32_t address, uint64_t size, char *err)
{
	struct nw_boot_image *image = &plan->images[plan->image_count];
	int n = snprintf(image->path, sizeof(image->path), "%s/%s", directory, name);
	int result;

	if (n < 0 || (size_t)n >= sizeof(image->path))
		return boot_fail(err, NW_BOOT_EREQUEST, directory, "path too long, Bochs accepts %d bytes",
				 NW_BOOT_PATH_MAX - 1);
	image->address = address;
	result = boot_file_write(image->path, pieces, count, address, size, err);
	if (!result)
		plan->image_count++;
	return result;
}

/*
 * Bochs gives host memory to guest blocks in the order of first use, but load_RAM writes past the block it begins in
 * as if the following ones were behind it. So the blocks that the BIOS uses (the last one, for the ACPI tables, and
 * the first one) get theirs before the payload, and the payload is one image, loaded last.
 */
static int write_payload(struct job *job, struct nw_boot_plan *plan, char *err)
{
	static const uint8_t zeros[END_MARK_ALIGN];
	const struct nw_boot_request *r = job->request;
	struct boot_layout *l = &job->layout;
	uint32_t top = (uint32_t)(low_end(r) - BOOT_PAGE);
	struct boot_piece handoff = { job->area, NW_HANDOFF_SIZE, NW_HANDOFF_ADDRESS };
	struct boot_piece touch = { zeros, sizeof(zeros), top };
	uint8_t mark[NW_END_MARK_SIZE] = { 0 };
	int result;

	boot_put32(mark, NW_END_MARK_0);
	boot_put32(mark + 4, NW_END_MARK_1);
	l->pieces[l->count++] = (struct boot_piece){ mark, sizeof(mark), (uint32_t)l->end };
	result = write_image(plan, r->directory, "nwboot-top.ram", &touch, 1, top, sizeof(zeros), err);
	if (!result)
		result = write_image(plan, r->directory, "nwboot-handoff.ram", &handoff, 1, NW_HANDOFF_ADDRESS,
				     NW_HANDOFF_SIZE, err);
	if (!result)
		result = write_image(plan, r->directory, "nwboot-payload.ram", l->pieces, l->count,
				     (uint32_t)l->start, l->end + sizeof(mark) - l->start, err);
	return result;
}

static int write_images(struct job *job, struct nw_boot_plan *plan, char *err)
{
	struct boot_layout *l = &job->layout;
	struct boot_piece handoff = { job->area, NW_HANDOFF_SIZE, NW_HANDOFF_ADDRESS };

	plan->kind = l->kind;
	plan->entry = l->entry;
	plan->memory_mib = (uint32_t)(job->request->memory_bytes / BOOT_MIB);
	if (l->kind == NW_BOOT_SECTOR)
		return write_image(plan, job->request->directory, "nwboot-handoff.ram", &handoff, 1,
				   NW_HANDOFF_ADDRESS, NW_HANDOFF_SIZE, err);
	l->end = (l->end + END_MARK_ALIGN - 1) & ~(uint64_t)(END_MARK_ALIGN - 1);
	boot_handoff_header(job->area, l->kind == NW_BOOT_LINUX ? NW_PROTOCOL_LINUX : NW_PROTOCOL_MULTIBOOT, l);
	return write_payload(job, plan, err);
}

/* ---- Public ------------------------------------------------------------------------------------------ */

static int run_job(struct job *job, struct nw_boot_plan *plan, char *err)
{
	const struct nw_boot_request *r = job->request;
	enum nw_boot_kind kind;
	int result = boot_file_read(r->kernel, &job->kernel, err);

	if (!result)
		result = boot_identify(&job->kernel, &kind, err);
	if (!result)
		result = check_kind(r, kind, err);
	if (result)
		return result;
	if (kind == NW_BOOT_MULTIBOOT)
		result = prepare_multiboot(job, err);
	else if (kind == NW_BOOT_LINUX)
		result = prepare_linux(job, err);
	else
		result = prepare_sector(job);
	return result ? result : write_images(job, plan, err);
}

static void free_job(struct job *job)
{
	boot_file_free(&job->kernel);
	boot_file_free(&job->initrd);
	for (size_t i = 0; i < NW_HO_MODULES_MAX; i++)
		boot_file_free(&job->modules[i]);
	free(job->area);
	free(job);
}

int nw_boot_prepare(const struct nw_boot_request *request, struct nw_boot_plan *plan, char err[NW_BOOT_ERRLEN])
{
	struct job *job;
	int result = check_request(request, err);

	memset(plan, 0, sizeof(*plan));
	if (result)
		return result;
	job = calloc(1, sizeof(*job));
	if (job)
		job->area = calloc(1, NW_HANDOFF_SIZE);
	if (!job || !job->area) {
		free(job);
		return boot_fail(err, NW_BOOT_EIO, request->kernel, "no memory");
	}
	job->request = request;
	job->limit = low_end(request) - BOOT_TOP_RESERVED - BOOT_PAGE;    /* the page is for the end mark */
	result = run_job(job, plan, err);
	free_job(job);
	if (result) {
		for (size_t i = 0; i < plan->image_count; i++)
			unlink(plan->images[i].path);
		memset(plan, 0, sizeof(*plan));
	}
	return result;
}

/* A quoted bochsrc value may hold anything but these: quotes and line ends end it, Bochs expands $NAME. */
static int check_bochsrc_path(const char *path, char *err)
{
	if (strpbrk(path, "\"$\n\r"))
		return boot_fail(err, NW_BOOT_EREQUEST, path,
				 "a path in a bochsrc may not hold quotes, dollar signs or line ends");
	return 0;
}

int nw_boot_write_bochsrc(FILE *out, const struct nw_boot_plan *plan, const char *rom, char err[NW_BOOT_ERRLEN])
{
	int result = check_bochsrc_path(rom, err);

	for (size_t i = 0; !result && i < plan->image_count; i++)
		result = check_bochsrc_path(plan->images[i].path, err);
	if (result)
		return result;
	fprintf(out, "memory: guest=%u, host=%u, block_size=%u\n", nw_boot_bochs_mib(plan->memory_mib),
		nw_boot_bochs_mib(plan->memory_mib), NW_BLOCK_SIZE / 1024);
	fprintf(out, "optromimage1: file=\"%s\", address=0x%x\n", rom, NW_BOOT_ROM_ADDRESS);
	for (size_t i = 0; i < plan->image_count; i++)
		fprintf(out, "optramimage%zu: file=\"%s\", address=0x%x\n", i + 1, plan->images[i].path,
			plan->images[i].address);
	if (ferror(out))
		return boot_fail(err, NW_BOOT_EIO, "bochsrc", "write error");
	return 0;
}
