/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ept.h - the EPT entries of a 64-bit L1, for guests that change them. SDM Vol. 3C, "The extended
 * page table mechanism".
 */
#ifndef KIT_EPT_H
#define KIT_EPT_H

#include "vmx.h"

#define EPT_R                   (1ul << 0)
#define EPT_W                   (1ul << 1)
#define EPT_X                   (1ul << 2)
#define EPT_RWX                 (EPT_R | EPT_W | EPT_X)
#define EPT_WRITE_BACK          (6ul << 3)
#define EPT_LARGE               (1ul << 7)
#define EPT_ACCESSED            (1ul << 8)
#define EPT_DIRTY               (1ul << 9)
#define EPT_USER_X              (1ul << 10)
#define EPT_ADDRESS             0x000ffffffffff000ul

#define EPTP_ACCESSED_DIRTY     (1ul << 6)

/* Bits of IA32_VMX_EPT_VPID_CAP */
#define EPT_CAP_EXECUTE_ONLY    (1ul << 0)
#define EPT_CAP_1G              (1ul << 17)
#define EPT_CAP_ACCESSED_DIRTY  (1ul << 21)
#define EPT_CAP_ADVANCED_INFO   (1ul << 22)

/* Exit qualification of an EPT violation: SDM Vol. 3C, "Basic VM-exit information" */
#define EPTV_READ               (1ul << 0)
#define EPTV_WRITE              (1ul << 1)
#define EPTV_FETCH              (1ul << 2)
#define EPTV_MAY_READ           (1ul << 3)
#define EPTV_MAY_WRITE          (1ul << 4)
#define EPTV_MAY_FETCH          (1ul << 5)
#define EPTV_MAY_FETCH_USER     (1ul << 6)
#define EPTV_LINEAR_VALID       (1ul << 7)
#define EPTV_TRANSLATED         (1ul << 8)      /* not an access to a paging structure */
#define EPTV_USER_ADDRESS       (1ul << 9)      /* 9 to 11: advanced information */
#define EPTV_WRITABLE_ADDRESS   (1ul << 10)
#define EPTV_XD_ADDRESS         (1ul << 11)
#define EPTV_NMI_UNBLOCKED      (1ul << 12)

/*
 * The entry of the tables of ept_map_all() that maps address, below 4 GiB. Level 4 is the PML4
 * entry; level 1 splits the 2 MiB page when that has not been done. ept_map_all() undoes all changes.
 */
uint64_t *ept_entry(uint64_t address, unsigned level);
/* INVEPT, all contexts: needed after a change that takes a permission away. */
void ept_flush(void);

#endif
