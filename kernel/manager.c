/* SPDX-License-Identifier: BSD-2-Clause */
/* The root partition manager: its image is part of the kernel's, it runs in place, and the seal
 * scrubs it. */
#include "manager.h"
#include "lib.h"
#include "object.h"
#include "platform.h"
#include <bulkhead/program.h>

static struct cap manager_caps[LIMIT_MANAGER_SLOTS];

/* The root Memory capabilities: everything that no entry of `taken` covers, ascending. */
static uint64_t manager_give_memory(uint64_t image, uint64_t image_stop)
{
    static const struct {
        uint64_t base, size;
    } never[] = {PLATFORM_NEVER_MAP};
    const uint32_t nevers = sizeof(never) / sizeof(never[0]);
    uint64_t count = 0;

    /* Each turn finds the next forbidden range at or above `at`, and gives away what lies before
     * it. */
    for (uint64_t at = 0; at < stage2_output_limit();) {
        uint64_t start = stage2_output_limit();
        uint64_t end = start;

        for (uint32_t i = 0; i <= nevers; i++) {
            uint64_t base = i < nevers ? never[i].base : image;
            uint64_t stop = i < nevers ? never[i].base + never[i].size : image_stop;

            if (stop > at && base < start) {
                start = base;
                end = stop;
            }
        }
        if (start > at)
            manager_caps[BH_ROOT_MEMORY + count++] =
                (struct cap){.type = BH_TYPE_MEMORY,
                             .rights = BH_RIGHT_READ | BH_RIGHT_WRITE | BH_RIGHT_EXEC,
                             .base = at,
                             .size = start - at};
        at = end;
    }
    return count;
}

static void manager_map(const struct space *space, uint64_t at, const char *from, uint64_t size,
                        uint8_t rights)
{
    CHECK(space_map_decode(space, ipa(at), mmu_physical(from), size) == BH_OK);
    space_map_commit(space, ipa(at), mmu_physical(from), size, rights, BH_KIND_RAM);
}

void manager_start(struct core *core, uint64_t tree)
{
    const struct bh_program *program = (const struct bh_program *)manager_image;
    uint64_t image = mmu_physical(image_start).raw;
    uint64_t end = mmu_physical(image_end).raw;
    struct partition *manager = &partitions[0];
    struct space *space = &manager->space[BH_SPACE_RUN];
    const char *rodata = manager_image + program->text_size;

    CHECK(program->magic == BH_PROGRAM_MAGIC);
    partition_init(manager, 0, manager_caps, LIMIT_MANAGER_SLOTS);
    space_init(space, 0);
    manager_map(space, program->base, manager_image, program->text_size,
                BH_RIGHT_READ | BH_RIGHT_EXEC);
    manager_map(space, program->base + program->text_size, rodata, program->rodata_size,
                BH_RIGHT_READ);
    manager_map(space, program->ram_base, rodata + program->rodata_size, program->ram_size,
                BH_RIGHT_READ | BH_RIGHT_WRITE);
    manager_caps[BH_ROOT_CONTROL] = (struct cap){.type = BH_TYPE_CONTROL, .rights = BH_RIGHTS_ALL};
    manager_caps[BH_ROOT_SELF] = (struct cap){.type = BH_TYPE_PARTITION, .rights = BH_RIGHTS_ALL};
    manager_caps[BH_ROOT_CORE] = (struct cap){.type = BH_TYPE_CORE, .rights = BH_RIGHTS_ALL};
    manager_caps[BH_ROOT_IRQ] = (struct cap){.type = BH_TYPE_IRQ,
                                             .rights = BH_RIGHTS_ALL,
                                             .base = GIC_SPI_FIRST,
                                             .size = GIC_SPI_END - GIC_SPI_FIRST};
    core->partition = manager;
    uspace_enter(core, space, &core->user);
    uspace_allow_fp();
    core->mode = CORE_USER;
    core->user.pc = program->entry; /* at EL0: all else is 0 */
    core->user.sp = program->stack_base + program->stack_size;
    core->user.x[0] = tree;
    core->user.x[1] = image;
    core->user.x[2] = end;
    core->user.x[3] = manager_give_memory(image, end);
    core->user.x[4] = core->mpidr;
}

void manager_scrub(void)
{
    size_t size = (size_t)(manager_image_end - manager_image);

    memset(manager_image, 0, size);
    cache_clean(manager_image, size);
    mmu_forget(manager_image, manager_image_end);
}
