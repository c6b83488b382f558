/* SPDX-License-Identifier: BSD-2-Clause */
/* What a guest has in the registers that decide how EL0 runs is its own: emulated devices work
 * whatever it is, and leave it alone. A second core, where there is one, computes and never leaves
 * its program. */
#include "guest.h"

#define E0E       (1ul << 24) /* data at EL0 is big-endian */
#define UNALIGNED (1ul << 1)  /* alignment is checked, also of EL0 */
#define STEP      1ul         /* MDSCR_EL1.SS: EL0 is stepped; EL1 is not, because KDE is clear */

static volatile uint64_t second_up;

void guest_secondary(uint64_t context)
{
    (void)context;
    second_up = 1;
    for (;;)
        ;
}

static void check(const char *what, uint64_t sctlr, uint64_t cntkctl, uint64_t mdscr)
{
    uint64_t version, typer;
    bool kept;

    write_sysreg(sctlr_el1, SCTLR_OFF | sctlr);
    write_sysreg(cntkctl_el1, cntkctl);
    write_sysreg(mdscr_el1, mdscr);
    isb();
    version = (uint64_t)psci(PSCI_VERSION, 0, 0, 0);
    typer = read32(0x08000004); /* GICD_TYPER */
    print("# %s\n", what);      /* the UART, whose monitor looks at the clock */
    kept = read_sysreg(sctlr_el1) == (SCTLR_OFF | sctlr) && read_sysreg(cntkctl_el1) == cntkctl &&
           read_sysreg(mdscr_el1) == mdscr;
    write_sysreg(sctlr_el1, SCTLR_OFF);
    write_sysreg(mdscr_el1, 0);
    isb();
    tap_ok(kept, "%s: kept", what);
    tap_ok(version >= 0x10000 && version < 0x20000 && typer & 31,
           "%s: calls and registers are answered", what);
}

void guest_main(const void *tree)
{
    if (bootargs_number(tree, "second", 0)) {
        psci_start(1, 0);
        while (!second_up)
            ;
        return; /* and the machine goes off */
    }
    check("SCTLR_EL1", E0E | UNALIGNED, 3, 0);
    check("CNTKCTL_EL1", 0, 0, 0);
    check("MDSCR_EL1", 0, 3, STEP);
    tap_end();
}
