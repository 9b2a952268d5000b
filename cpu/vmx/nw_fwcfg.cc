// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * nw_fwcfg.cc - the firmware configuration device ("fw_cfg"): numbered items that a kernel reads.
 *
 *   port 510H  write, 16 bits: select an item and go to its start
 *   port 511H  read, 8 bits: the next byte of the item; 0 behind its end. Writes are ignored.
 *   port 514H  DMA: the address of a request, two big-endian halves; the write to 518H starts it. Reads "QEMU CFG".
 *
 * Numbers in items are little endian, those of the file directory and of DMA requests big endian. Source: QEMU,
 * docs/specs/fw_cfg; the items are those of its PC that make sense here.
 */
#include <map>
#include <string>

#include "bochs.h"
#include "gui/siminterface.h"
#include "cpu/cpu.h"
#include "iodev/iodev.h"
#include "memory/memory-bochs.h"

#include "nw_platform.h"

#define LOG_THIS genlog->

enum {
  PORT_SELECT = 0x510, PORT_DATA, PORT_DMA_HIGH = 0x514, PORT_DMA_LOW = 0x518
};

enum {
  SIGNATURE, ID, UUID, RAM_SIZE, NOGRAPHIC, CPU_COUNT, NUMA = 0x0d, BOOT_MENU, MAX_CPUS, CMDLINE_SIZE = 0x14,
  CMDLINE_DATA, FILE_DIRECTORY = 0x19, FIRST_FILE = 0x20, IRQ0_OVERRIDE = 0x8002
};

enum { ID_TRADITIONAL = 1, ID_DMA = 2 };
enum { DMA_ERROR = 1, DMA_READ = 2, DMA_SKIP = 4, DMA_SELECT = 8, DMA_WRITE = 16 };
enum { E820_RAM = 1, FILE_NAME_SIZE = 56 };

static const Bit64u GIB = 1 << 30;
static const Bit64u HOLE = 3 * GIB, ABOVE_HOLE = 4 * GIB; // no RAM between them
static const char dma_signature[] = "QEMU CFG";

static std::map<Bit16u, std::string> items;
static Bit16u selected = SIGNATURE;
static Bit64u offset;
static Bit32u dma_high;

/* ---- Items ------------------------------------------------------------------------------------------ */

static std::string nw_little(Bit64u value, unsigned bytes)
{
  std::string s;

  for (; bytes; bytes--, value >>= 8) s += (char) value;
  return s;
}

static std::string nw_big(Bit64u value, unsigned bytes)
{
  std::string s;

  while (bytes--) s += (char) (value >> (8 * bytes));
  return s;
}

static Bit64u nw_from_big(const Bit8u *p, unsigned bytes)
{
  Bit64u value = 0;

  while (bytes--) value = value << 8 | *p++;
  return value;
}

static Bit32u nw_swap(Bit32u value)
{
  return value << 24 | (value & 0xff00) << 8 | (value >> 8 & 0xff00) | value >> 24;
}

static std::string nw_e820(Bit64u low_end, Bit64u high_size)
{
  std::string map = nw_little(0, 8) + nw_little(low_end, 8) + nw_little(E820_RAM, 4);

  if (high_size) map += nw_little(ABOVE_HOLE, 8) + nw_little(high_size, 8) + nw_little(E820_RAM, 4);
  return map;
}

// A directory with one file.
static std::string nw_directory(const char *name, const std::string &file)
{
  std::string padded = name;

  padded.resize(FILE_NAME_SIZE);
  return nw_big(1, 4) + nw_big(file.size(), 4) + nw_big(FIRST_FILE, 2) + nw_big(0, 2) + padded;
}

static void nw_make_items(const char *cmdline)
{
  Bit64u length = BX_MEM(0)->get_memory_len();
  Bit64u low = length < HOLE ? length : HOLE, high = length > ABOVE_HOLE ? length - ABOVE_HOLE : 0;

  items[SIGNATURE] = "QEMU";
  items[ID] = nw_little(ID_TRADITIONAL | ID_DMA, 4);
  items[UUID] = std::string(16, 0);
  items[RAM_SIZE] = nw_little(low + high, 8);
  items[NOGRAPHIC] = nw_little(1, 2);
  items[CPU_COUNT] = nw_little(BX_SMP_PROCESSORS, 2);
  items[NUMA] = nw_little(0, 8);
  items[BOOT_MENU] = nw_little(0, 2);
  items[MAX_CPUS] = nw_little(BX_SMP_PROCESSORS, 2);
  items[CMDLINE_SIZE] = nw_little(strlen(cmdline) + 1, 4);
  items[CMDLINE_DATA] = std::string(cmdline, strlen(cmdline) + 1);
  items[IRQ0_OVERRIDE] = nw_little(1, 4);
  items[FIRST_FILE] = nw_e820(low, high);
  items[FILE_DIRECTORY] = nw_directory("etc/e820", items[FIRST_FILE]);
}

static void nw_select(Bit16u key)
{
  selected = key;
  offset = 0;
}

// What is left of the selected item.
static size_t nw_left(void)
{
  std::map<Bit16u, std::string>::const_iterator i = items.find(selected);

  return i == items.end() ? 0 : i->second.size() - offset;
}

static Bit8u nw_next(void)
{
  return nw_left() ? (Bit8u) items[selected][offset++] : 0;
}

static void nw_skip(Bit32u length)
{
  size_t left = nw_left();

  offset += length < left ? length : left;
}

/* ---- DMA -------------------------------------------------------------------------------------------- */

// False when a byte of it is not in RAM.
static bool nw_in_ram(Bit64u address, Bit64u length)
{
  Bit64u end = BX_MEM(0)->get_memory_len();

  if (address >= end || length > end - address) return false;
  return address + length <= HOLE || address >= ABOVE_HOLE;
}

static void nw_to_guest(Bit64u address, Bit32u length)
{
  while (length) {
    Bit8u page[4096];
    unsigned chunk = 4096 - (unsigned) (address & 4095);

    if (chunk > length) chunk = length;
    for (unsigned n = 0; n < chunk; n++) page[n] = nw_next();
    BX_MEM(0)->dmaWritePhysicalPage(address, chunk, page);
    address += chunk;
    length -= chunk;
  }
}

// A request: control (its upper half a key), length, address. The control word is the result: 0 or DMA_ERROR.
static void nw_dma(Bit64u request)
{
  Bit8u b[16], result[4] = { 0, 0, 0, 0 };

  if ((request & 3) || ! nw_in_ram(request, sizeof(b))) return;
  for (unsigned n = 0; n < sizeof(b); n += 4) // 4 bytes do not cross a page
    BX_MEM(0)->dmaReadPhysicalPage(request + n, 4, b + n);

  Bit32u control = (Bit32u) nw_from_big(b, 4), length = (Bit32u) nw_from_big(b + 4, 4);
  Bit64u address = nw_from_big(b + 8, 8);

  if (control & DMA_SELECT) nw_select((Bit16u) (control >> 16));
  if (control & DMA_READ) {
    if (nw_in_ram(address, length)) nw_to_guest(address, length);
    else result[3] = DMA_ERROR;
  }
  else if (control & DMA_WRITE)
    result[3] = DMA_ERROR; // no item can be written
  else if (control & DMA_SKIP)
    nw_skip(length);
  BX_MEM(0)->dmaWritePhysicalPage(request, 4, result);
}

/* ---- Ports ------------------------------------------------------------------------------------------ */

static void nw_fwcfg_write(void *, Bit32u port, Bit32u value, unsigned)
{
  if (port == PORT_SELECT) nw_select((Bit16u) value);
  else if (port == PORT_DMA_HIGH) dma_high = nw_swap(value);
  else {
    nw_dma((Bit64u) dma_high << 32 | nw_swap(value));
    dma_high = 0;
  }
}

static Bit32u nw_fwcfg_read(void *, Bit32u port, unsigned)
{
  Bit32u value;

  if (port < PORT_DMA_HIGH) return nw_next();
  memcpy(&value, dma_signature + (port - PORT_DMA_HIGH), 4); // the bytes in the order of the ports
  return value;
}

void nw_register_fwcfg(void *parent)
{
  bx_list_c *list = new bx_list_c((bx_list_c *) parent, "fwcfg");

  BXRS_HEX_PARAM_SIMPLE(list, selected);
  BXRS_DEC_PARAM_SIMPLE(list, offset);
  BXRS_HEX_PARAM_SIMPLE(list, dma_high);
}

void nw_fwcfg_start(const char *cmdline)
{
  static char name[] = "nwsim fw_cfg";

  nw_make_items(cmdline);
  DEV_register_iowrite_handler(name, nw_fwcfg_write, PORT_SELECT, name, 2);
  DEV_register_ioread_handler_range(name, nw_fwcfg_read, PORT_SELECT, PORT_DATA, name, 1);
  for (unsigned port = PORT_DMA_HIGH; port <= PORT_DMA_LOW; port += 4) {
    DEV_register_ioread_handler(name, nw_fwcfg_read, port, name, 4);
    DEV_register_iowrite_handler(name, nw_fwcfg_write, port, name, 4);
  }
}
