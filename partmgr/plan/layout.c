/* SPDX-License-Identifier: BSD-2-Clause */
/* The memory maps that guests can have. */
#include "layout.h"
#include "build.h"
#include "tree.h"
#include <libfdt.h>
#include <string.h>

const struct plan_layout layout_qemu_virt = {
    .kind = PLAN_LAYOUT_QEMU_VIRT,
    .flash_size = 0x08000000,
    .ram = 0x40000000,
    .uart = 0x09000000,
    .uart_intid = LAYOUT_SPI_FIRST + 1,
    .gicd = 0x08000000,
    .gicd_size = 0x10000,
    .gicc = 0x08010000,
    .gicc_size = 0x10000,
    .gicr = 0x080a0000,
    /* Where the virt board has nothing. */
    .watchdog = 0x09800000,
    .watchdog_intid = LAYOUT_SPI_FIRST + 10,
    .control = 0x0b000000,
    .doorbell = 0x0b010000,
    .gpio = 0x0b020000,
};

const struct plan_layout layout_xen = {
    .kind = PLAN_LAYOUT_XEN,
    .ram = 0x40000000,
    .low_size = 0xc0000000,
    .high = 0x200000000,
    .uart = 0x22000000,
    .uart_intid = LAYOUT_SPI_FIRST,
    .gicd = 0x03001000,
    .gicd_size = 0x10000,
    .gicc = 0x03002000,
    .gicc_size = 0x2000,
    .gicr = 0x03020000,
    /* Where Xen's map has nothing. */
    .watchdog = 0x22100000,
    .watchdog_intid = LAYOUT_SPI_FIRST + 10,
    .control = 0x22200000,
    .doorbell = 0x22210000,
    .gpio = 0x22220000,
};

struct range layout_ram(const struct plan_partition *partition)
{
    struct range ram = {partition->bank[0].guest, 0};

    for (uint32_t i = 0; i < partition->bank_count; i++)
        if (partition->bank[i].guest == ram.base + ram.size)
            ram.size += partition->bank[i].size;
    return ram;
}

/* Where the guest has what comes behind `done` bytes of RAM. */
static uint64_t layout_address(const struct plan_layout *layout, uint64_t done)
{
    bool high = layout->low_size && done >= layout->low_size;

    return high ? layout->high + (done - layout->low_size) : layout->ram + done;
}

bool layout_add(struct plan_partition *partition, uint64_t host, uint64_t size)
{
    const struct plan_layout *layout = &partition->layout;
    uint64_t done = 0;

    for (uint32_t i = 0; i < partition->bank_count; i++)
        done += partition->bank[i].size;
    while (size) {
        uint64_t count = size;

        if (layout->low_size && done < layout->low_size && size > layout->low_size - done)
            count = layout->low_size - done;
        if (partition->bank_count == PLAN_BANKS)
            return false;
        partition->bank[partition->bank_count++] =
            (struct plan_bank){layout_address(layout, done), host, count};
        host += count;
        done += count;
        size -= count;
    }
    return true;
}

uint32_t layout_devices(const struct plan_partition *partition, uint32_t gic,
                        struct layout_device device[LAYOUT_DEVICES])
{
    const struct plan_layout *layout = &partition->layout;
    const uint64_t frame = LAYOUT_WATCHDOG_SIZE;
    uint32_t count = 0;

    device[count++] = (struct layout_device){{layout->gicd, layout->gicd_size}, "the distributor"};
    device[count++] =
        gic == 2 ? (struct layout_device){{layout->gicc, layout->gicc_size}, "the CPU interface"}
                 : (struct layout_device){{layout->gicr, LAYOUT_GICR_SIZE * partition->vcpus},
                                          "the redistributors"};
    if (partition->uart || partition->board_uart)
        device[count++] = (struct layout_device){{layout->uart, LAYOUT_UART_SIZE}, "the UART"};
    if (partition->watchdog != BH_MON_WATCHDOG_NONE)
        device[count++] = (struct layout_device){{layout->watchdog, frame}, "the watchdog"};
    if (partition->watchdog == BH_MON_WATCHDOG_SBSA)
        device[count++] = (struct layout_device){
            {layout->watchdog + LAYOUT_WATCHDOG_CONTROL, frame}, "the watchdog's control frame"};
    if (partition->control)
        device[count++] =
            (struct layout_device){{layout->control, BH_CTL_SIZE}, "the control page"};
    if (partition->doorbell_count)
        device[count++] =
            (struct layout_device){{layout->doorbell, BH_DOORBELL_SIZE}, "the doorbell page"};
    if (partition->gpio_lines)
        device[count++] = (struct layout_device){{layout->gpio, LAYOUT_GPIO_SIZE}, "the PL061"};
    return count;
}

void layout_read(struct build *build, uint32_t index)
{
    static const struct plan_layout *const layouts[] = {&layout_qemu_virt, &layout_xen,
                                                        &layout_qemu_virt};
    static const char *const names[] = {
        [PLAN_LAYOUT_QEMU_VIRT] = "qemu-virt",
        [PLAN_LAYOUT_XEN] = "xen",
        [PLAN_LAYOUT_DIRECT] = "direct",
    };
    struct plan_partition *partition = &build->plan->partition[index];
    int node = build->node[index];
    bool direct = tree_flag(build, build->system, node, "direct-map");
    uint32_t kind = tree_choice(build, build->system, node, "bulkhead,layout", names, 3,
                                direct ? PLAN_LAYOUT_DIRECT : PLAN_LAYOUT_QEMU_VIRT);

    partition->layout = *layouts[kind];
    partition->layout.kind = direct ? PLAN_LAYOUT_DIRECT : (enum plan_layout_kind)kind;
    if (build->plan->gic == 2 && kind == PLAN_LAYOUT_XEN)
        partition->layout.gicd_size = LAYOUT_GICD_V2_SIZE;
    if (direct && kind != PLAN_LAYOUT_DIRECT)
        report_error(build, NOTE_LAYOUT_BESIDE_DIRECT, build->system, node, "bulkhead,layout",
                     "\"%s\" beside direct-map, which has the machine's", names[kind]);
    if (partition->layout.kind == PLAN_LAYOUT_DIRECT && !partition->is_static)
        report_error(build, NOTE_DIRECT_NOT_STATIC, build->system, node,
                     direct ? "direct-map" : "bulkhead,layout",
                     "needs xen,static-mem: it says where the RAM is");
}

/* The machine's interrupt controller and UART, where the guest finds its own. */
static bool layout_read_machine(struct build *build, uint32_t index)
{
    struct plan_partition *partition = &build->plan->partition[index];
    struct plan_layout *layout = &partition->layout;
    const uint64_t *gic = build->controller;

    if (!gic[0] || !gic[1] || gic[0] % PAGE_SIZE || gic[1] % PAGE_SIZE) {
        report_error(build, NOTE_DIRECT_CONTROLLER, build->system, build->node[index], NULL,
                     "the machine's tree does not say where its interrupt controller is");
        return false;
    }
    layout->gicd = gic[0];
    layout->gicc = layout->gicr = gic[1];
    layout->gicd_size = build->plan->gic == 2 ? LAYOUT_GICD_V2_SIZE : 0x10000;
    layout->gicc_size = 0x2000;
    layout->flash_size = 0;
    if (!partition->uart && !partition->board_uart)
        return true;
    if (!uart_find(build, &layout->uart, &layout->uart_intid) ||
        layout->uart_intid >= LAYOUT_SPI_FIRST + LAYOUT_SPIS) {
        report_error(build, NOTE_DIRECT_UART, build->system, build->node[index], NULL,
                     "the machine has no PL011 in whose place its UART could be");
        return false;
    }
    return true;
}

bool layout_direct(struct build *build, uint32_t index)
{
    struct plan_partition *partition = &build->plan->partition[index];
    struct layout_device device[LAYOUT_DEVICES];
    uint32_t errors = build->plan->error_count;
    uint32_t count;

    if (!layout_read_machine(build, index))
        return false;
    partition->layout.ram = align_up(partition->bank[0].host, BLOCK_SIZE);
    for (uint32_t i = 0; i < partition->bank_count; i++)
        partition->bank[i].guest = partition->bank[i].host;
    count = layout_devices(partition, build->plan->gic, device);
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t j = 0; j < partition->bank_count; j++) {
            const struct range ram = {partition->bank[j].guest, partition->bank[j].size};

            if (range_overlaps(&device[i].range, &ram))
                report_error(build, NOTE_DIRECT_COLLISION, build->system, build->node[index],
                             "xen,static-mem", "0x%lx with size 0x%lx is where its guest has %s",
                             (unsigned long)ram.base, (unsigned long)ram.size, device[i].name);
        }
        for (uint32_t j = 0; j < i; j++)
            if (range_overlaps(&device[i].range, &device[j].range))
                report_error(build, NOTE_DIRECT_COLLISION, build->system, build->node[index], NULL,
                             "%s and %s of its guest meet at 0x%lx", device[j].name, device[i].name,
                             (unsigned long)device[i].range.base);
    }
    return build->plan->error_count == errors;
}
