/* SPDX-License-Identifier: BSD-2-Clause */
/* Errata of the cores that this kernel knows (Arm's software developers errata notices), evaluated
 * per core at boot. What is worked around is so in every binary; what is not, the boot log says. */
#include "errata.h"
#include "lib.h"
#include "regs.h"

/* MIDR_EL1 without variant and revision; those as 0xVR. */
#define MIDR_MODEL(midr)    ((uint32_t)((midr)&0xff0ffff0))
#define MIDR_REVISION(midr) ((uint32_t)((midr) >> 16 & 0xf0) | (uint32_t)((midr)&15))

enum { A53 = 0x410fd030, A57 = 0x410fd070, A72 = 0x410fd080, A76 = 0x410fd0b0 };

static const struct erratum {
    uint32_t model;
    uint8_t first, last; /* revisions */
    bool handled;
    const char *name;
} errata[] = {
    {A53, 0x00, 0x04, true, "835769"},  /* multiply-accumulate: compiler option */
    {A53, 0x00, 0x04, true, "843419"},  /* ADRP at a page's end: linker option */
    {A53, 0x00, 0x02, true, "819472"},  /* clean by address: always clean and invalidate */
    {A53, 0x00, 0x02, true, "824069"},  /* the same */
    {A53, 0x00, 0x02, true, "827319"},  /* the same */
    {A57, 0x00, 0x12, false, "832075"}, /* exclusive and device load: a guest can stop its core */
    {A57, 0x00, 0x12, false, "834220"}, /* stage 2 fault reported before a stage 1 one */
    {A57, 0x00, 0x13, true, "1319537"}, /* speculative AT while contexts change: EL2 has no AT */
    {A72, 0x00, 0x03, true, "1319367"}, /* the same */
    {A76, 0x00, 0x20, true, "1165522"}, /* the same */
};

void errata_report(void)
{
    uint64_t midr = read_reg("midr_el1");

    for (size_t i = 0; i < sizeof(errata) / sizeof(*errata); i++)
        if (errata[i].model == MIDR_MODEL(midr) && !errata[i].handled &&
            MIDR_REVISION(midr) >= errata[i].first && MIDR_REVISION(midr) <= errata[i].last) {
            print("bulkhead: not worked around: erratum ");
            print(errata[i].name);
            print_number(" of core ", read_reg("mpidr_el1") & 0xff00ffffff);
            print("\n");
        }
}
