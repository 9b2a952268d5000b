/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The machine an L1 image starts in: descriptor tables, page tables and registers of the two modes.
 * Descriptor and page-table formats: SDM Vol. 3A chapters 3, 4 and 8.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "vm.h"

#define CR0_PE		0x1
#define CR0_ET		0x10
#define CR0_NE		0x20
#define CR0_AM		0x40000
#define CR0_PG		0x80000000
#define CR4_PAE		0x20
#define EFER_LME	0x100
#define EFER_LMA	0x400

#define RFLAGS_FIXED	0x2
#define RFLAGS_IOPL3	0x3000

#define PTE_PRESENT_WRITE 0x3
#define PDE_LARGE	0x80

#define TYPE_CODE	0xb		/* execute, read, accessed */
#define TYPE_DATA	0x3		/* read, write, accessed */
#define TYPE_TSS_BUSY	0xb

#define TSS64_IST1	0x24		/* offset of IST1 in a 64-bit TSS */
#define TSS_LIMIT	0x67

static struct kvm_segment segment(uint16_t selector, uint8_t type, bool is_64bit)
{
	struct kvm_segment s = {
		.limit = 0xffffffff, .selector = selector, .type = type, .present = 1,
		.dpl = selector & 3, .s = 1, .g = 1, .l = is_64bit, .db = !is_64bit,
	};

	return s;
}

static struct kvm_segment task_segment(void)
{
	struct kvm_segment s = {
		.base = L1_TSS, .limit = TSS_LIMIT, .selector = L1_TR, .type = TYPE_TSS_BUSY,
		.present = 1,
	};

	return s;
}

/* The 8-byte descriptor of a segment (SDM Vol. 3A figure 3-8). */
static uint64_t descriptor(const struct kvm_segment *s)
{
	uint64_t limit = s->g ? s->limit >> 12 : s->limit;
	uint64_t access = (uint64_t)(s->type | s->s << 4 | s->dpl << 5 | s->present << 7);
	uint64_t flags = (uint64_t)(s->l << 1 | s->db << 2 | s->g << 3);

	return (limit & 0xffff) | (s->base & 0xffffff) << 16 | access << 40 |
	       (limit >> 16) << 48 | flags << 52 | (s->base >> 24) << 56;
}

static void put64(struct vm *vm, uint32_t gpa, uint64_t value)
{
	memcpy(vm->ram + gpa, &value, sizeof(value));
}

static void write_tables(struct vm *vm)
{
	const struct kvm_segment tss = task_segment();
	const struct kvm_segment list[] = {
		segment(L1_CS64, TYPE_CODE, true), segment(L1_DS, TYPE_DATA, false),
		segment(L1_CS32_USER, TYPE_CODE, false), segment(L1_DS_USER, TYPE_DATA, false), tss,
	};
	size_t i;

	for (i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		put64(vm, L1_GDT + (list[i].selector & ~7U), descriptor(&list[i]));
	put64(vm, L1_TSS + TSS64_IST1, L1_IST1_TOP);
	put64(vm, L1_PML4, L1_PDPT | PTE_PRESENT_WRITE);
	put64(vm, L1_PDPT, L1_PD | PTE_PRESENT_WRITE);
	put64(vm, L1_PD, PTE_PRESENT_WRITE | PDE_LARGE);
}

static void set_mode(struct kvm_sregs *sregs, const struct l1_header *header)
{
	bool is_64bit = header->mode == L1_MODE_KERNEL64;
	struct kvm_segment data = segment(is_64bit ? L1_DS : L1_DS_USER, TYPE_DATA, false);

	sregs->cs = segment(is_64bit ? L1_CS64 : L1_CS32_USER, TYPE_CODE, is_64bit);
	sregs->ds = sregs->es = sregs->fs = sregs->gs = sregs->ss = data;
	sregs->tr = task_segment();
	sregs->gdt.base = L1_GDT;
	sregs->gdt.limit = L1_TR + 16 - 1;
	sregs->idt.base = header->idt;
	sregs->idt.limit = (uint16_t)header->idt_limit;
	sregs->cr0 = CR0_PE | CR0_ET | CR0_NE;
	if (is_64bit) {
		sregs->cr0 |= CR0_PG;
		sregs->cr3 = L1_PML4;
		sregs->cr4 = CR4_PAE;
		sregs->efer = EFER_LME | EFER_LMA;
	} else {
		sregs->cr0 |= CR0_AM;
	}
}

int vm_load(struct vm *vm, const struct l1_image *image, uint64_t rdi)
{
	const struct l1_header *header = (const struct l1_header *)(const void *)image->start;
	struct kvm_regs regs = { .rdi = rdi, .rsp = L1_STACK_TOP, .rip = header->entry };
	struct kvm_sregs sregs;

	memcpy(vm->ram + L1_BASE, image->start, (size_t)(image->end - image->start));
	write_tables(vm);
	if (ioctl(vm->vcpu, KVM_GET_SREGS, &sregs)) {
		snprintf(vm->error, sizeof(vm->error), "KVM_GET_SREGS: %s", strerror(errno));
		return -1;
	}
	set_mode(&sregs, header);
	if (ioctl(vm->vcpu, KVM_SET_SREGS, &sregs)) {
		snprintf(vm->error, sizeof(vm->error), "KVM_SET_SREGS: %s", strerror(errno));
		return -1;
	}
	regs.rflags = RFLAGS_FIXED | (header->mode == L1_MODE_USER32 ? RFLAGS_IOPL3 : 0);
	return vm_set_regs(vm, &regs);
}
