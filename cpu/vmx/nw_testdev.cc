// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * nw_testdev.cc - the test device that hypervisor tests use to make I/O and interrupts happen.
 *
 *   ports E0H-E3H      one 32-bit register, 1 to 4 bytes at a time
 *   port E4H           write: throw a page out of the hypervisor's tables; nothing to do here
 *   ports E8H-EBH      the same register as at E0H
 *   ports 2000H-2017H  write, 8 bits: interrupt line 0 to 23 goes to this level
 *   FF000000H          64 KiB of memory that is no RAM: every access reaches the device
 *
 * Source: QEMU, hw/misc/pc-testdev.c.
 */
#include "bochs.h"
#include "gui/siminterface.h"
#include "cpu/cpu.h"
#include "iodev/iodev.h"

#include "nw_platform.h"

#define LOG_THIS genlog->

enum {
  PORT_REGISTER = 0xe0, PORT_FLUSH = 0xe4, PORT_REGISTER_BYTES = 0xe8, PORT_LINE = 0x2000, PIC_LINES = 16, LINES = 24,
  CASCADE = 2, MEMORY_SIZE = 0x10000
};
static const bx_phy_address MEMORY = 0xff000000;

static Bit32u reg;
static Bit8u memory[MEMORY_SIZE];

static Bit32u nw_mask(unsigned len)
{
  return len >= 4 ? 0xffffffff : (1u << 8 * len) - 1;
}

static Bit32u nw_register_read(void *, Bit32u port, unsigned len)
{
  return reg >> 8 * (port & 3) & nw_mask(len);
}

static void nw_register_write(void *, Bit32u port, Bit32u value, unsigned len)
{
  unsigned bit = 8 * (port & 3);

  reg = (reg & ~(nw_mask(len) << bit)) | (value & nw_mask(len)) << bit;
}

static void nw_flush_write(void *, Bit32u, Bit32u, unsigned)
{
}

static void nw_line_write(void *, Bit32u port, Bit32u value, unsigned)
{
  unsigned line = port - PORT_LINE;

  if (line >= PIC_LINES || line == CASCADE) {
    DEV_ioapic_set_irq_level(line, value != 0);
    return;
  }
  if (value)
    DEV_pic_raise_irq(line); // both interrupt controllers
  else
    DEV_pic_lower_irq(line);
}

static bool nw_memory_read(bx_phy_address address, unsigned len, void *data, void *)
{
  memcpy(data, memory + (address - MEMORY), len);
  return true;
}

static bool nw_memory_write(bx_phy_address address, unsigned len, void *data, void *)
{
  memcpy(memory + (address - MEMORY), data, len);
  return true;
}

void nw_register_testdev(void *parent)
{
  bx_list_c *list = new bx_list_c((bx_list_c *) parent, "testdev");

  BXRS_HEX_PARAM_SIMPLE(list, reg);
  new bx_shadow_data_c(list, "memory", memory, sizeof(memory));
}

void nw_testdev_start(void)
{
  static char name[] = "nwsim test device";

  DEV_register_ioread_handler_range(name, nw_register_read, PORT_REGISTER, PORT_REGISTER + 3, name, 7);
  DEV_register_iowrite_handler_range(name, nw_register_write, PORT_REGISTER, PORT_REGISTER + 3, name, 7);
  DEV_register_iowrite_handler(name, nw_flush_write, PORT_FLUSH, name, 7);
  DEV_register_ioread_handler_range(name, nw_register_read, PORT_REGISTER_BYTES, PORT_REGISTER_BYTES + 3, name, 7);
  DEV_register_iowrite_handler_range(name, nw_register_write, PORT_REGISTER_BYTES, PORT_REGISTER_BYTES + 3, name, 7);
  DEV_register_iowrite_handler_range(name, nw_line_write, PORT_LINE, PORT_LINE + LINES - 1, name, 1);
  DEV_register_memory_handlers(name, nw_memory_read, nw_memory_write, MEMORY, MEMORY + MEMORY_SIZE - 1);
}
