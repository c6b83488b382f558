/* SPDX-License-Identifier: BSD-2-Clause */
/* The device tree that a guest gets: the relevant part of what QEMU's virt board describes. */
#include "guest_tree_writer.h"
#include "layout.h"
#include "text.h"
#include <libfdt.h>
#include <string.h>

/* Emulated or not, it is in the same place. */
static bool guest_tree_has_uart(const struct plan_partition *partition)
{
    return partition->uart || partition->board_uart;
}

/* Xen's guests have what Arm's server architecture leaves of a PL011: no baud rate, no clock. */
static bool guest_tree_is_sbsa(const struct plan_partition *partition)
{
    return partition->layout.kind == PLAN_LAYOUT_XEN && !partition->board_uart;
}

static void guest_tree_chosen(struct writer *writer, const struct plan_partition *partition)
{
    guest_tree_begin(writer, "chosen");
    if (partition->bootargs[0])
        guest_tree_string(writer, "bootargs", partition->bootargs);
    if (guest_tree_has_uart(partition))
        guest_tree_path(writer, "stdout-path",
                        guest_tree_is_sbsa(partition) ? "/sbsa-uart" : "/pl011",
                        partition->layout.uart);
    if (partition->seeded) {
        guest_tree_bytes(writer, "rng-seed", partition->rng_seed, sizeof(partition->rng_seed));
        guest_tree_bytes(writer, "kaslr-seed", partition->kaslr_seed,
                         sizeof(partition->kaslr_seed));
    }
    if (partition->ramdisk.size) {
        uint64_t end = partition->ramdisk_guest + partition->ramdisk.size;
        const uint32_t first[] = {CELLS_64(partition->ramdisk_guest)};
        const uint32_t behind[] = {CELLS_64(end)};

        guest_tree_cells(writer, "linux,initrd-start", first, 2);
        guest_tree_cells(writer, "linux,initrd-end", behind, 2);
    }
    guest_tree_end(writer);
}

/* Banks that touch are one range. */
static void guest_tree_memory(struct writer *writer, const struct plan_partition *partition)
{
    uint32_t reg[4 * PLAN_BANKS];
    uint32_t count = 0;
    uint64_t size = 0;

    for (uint32_t i = 0; i < partition->bank_count; i++) {
        const struct plan_bank *bank = &partition->bank[i];
        bool touches = i && bank[-1].guest + bank[-1].size == bank->guest;
        uint64_t base = bank->guest + bank->size;

        count += touches ? 0 : 4;
        size = bank->size + (touches ? size : 0);
        base -= size;
        memcpy(&reg[count - 4], (uint32_t[]){CELLS_64(base), CELLS_64(size)}, 4 * sizeof(reg[0]));
    }
    guest_tree_begin_at(writer, "memory", partition->bank[0].guest);
    guest_tree_string(writer, "device_type", "memory");
    guest_tree_cells(writer, "reg", reg, count);
    guest_tree_end(writer);
}

static void guest_tree_cpus(struct writer *writer, const struct plan_partition *partition)
{
    guest_tree_begin(writer, "cpus");
    guest_tree_cell(writer, "#address-cells", 1);
    guest_tree_cell(writer, "#size-cells", 0);
    for (uint32_t i = 0; i < partition->vcpus; i++) {
        char name[16];

        text_format(name, sizeof(name), "cpu@%lx", (unsigned long)i);
        guest_tree_begin(writer, name);
        guest_tree_string(writer, "device_type", "cpu");
        guest_tree_string(writer, "compatible", "arm,armv8");
        guest_tree_cell(writer, "reg", i); /* MPIDR_EL1.Aff0 */
        guest_tree_string(writer, "enable-method", "psci");
        guest_tree_end(writer);
    }
    guest_tree_end(writer);
}

static void guest_tree_psci(struct writer *writer)
{
    static const char compatible[] = "arm,psci-1.0\0arm,psci-0.2";

    guest_tree_begin(writer, "psci");
    guest_tree_bytes(writer, "compatible", compatible, sizeof(compatible));
    guest_tree_string(writer, "method", "hvc");
    guest_tree_end(writer);
}

static void guest_tree_gic(struct writer *writer, const struct plan *plan, uint32_t index)
{
    const struct plan_partition *partition = &plan->partition[index];
    const struct plan_layout *layout = &partition->layout;
    const uint32_t gic = plan->gic;
    const uint32_t v2[] = {
        CELLS_64(layout->gicd),
        CELLS_64(layout->gicd_size),
        CELLS_64(layout->gicc),
        CELLS_64(layout->gicc_size),
    };
    const uint32_t v3[] = {
        CELLS_64(layout->gicd),
        CELLS_64(layout->gicd_size),
        CELLS_64(layout->gicr),
        CELLS_64(LAYOUT_GICR_SIZE * partition->vcpus),
    };

    guest_tree_begin_at(writer, layout->kind == PLAN_LAYOUT_XEN ? "interrupt-controller" : "intc",
                        layout->gicd);
    guest_tree_string(writer, "compatible", gic == 2 ? "arm,cortex-a15-gic" : "arm,gic-v3");
    guest_tree_bytes(writer, "interrupt-controller", NULL, 0);
    guest_tree_cell(writer, "#interrupt-cells", 3);
    guest_tree_cell(writer, "#address-cells", 2);
    guest_tree_cell(writer, "#size-cells", 2);
    guest_tree_bytes(writer, "ranges", NULL, 0);
    guest_tree_cells(writer, "reg", gic == 2 ? v2 : v3, 8);
    guest_tree_cell(writer, "phandle", guest_tree_gic_phandle(plan, index));
    guest_tree_end(writer);
}

/* The secure and the EL2 timer stand there because the binding wants four; a guest uses the other
 * two. */
static void guest_tree_timer(struct writer *writer, const struct plan_partition *partition,
                             uint32_t gic)
{
    /* A GICv2's binding has in bits 15 to 8 the cores that have the interrupt. */
    const uint32_t flags = LEVEL_HIGH | (gic == 2 ? ((1u << partition->vcpus) - 1) << 8 : 0);
    const uint32_t interrupts[] = {
        GIC_PPI, 13, flags, GIC_PPI, 14, flags, GIC_PPI, 11, flags, GIC_PPI, 10, flags,
    };

    guest_tree_begin(writer, "timer");
    guest_tree_string(writer, "compatible", "arm,armv8-timer");
    guest_tree_cells(writer, "interrupts", interrupts, 12);
    guest_tree_bytes(writer, "always-on", NULL, 0);
    guest_tree_end(writer);
}

static void guest_tree_clock(struct writer *writer, const char *name, const char *output,
                             uint32_t frequency, uint32_t phandle)
{
    guest_tree_begin(writer, name);
    guest_tree_string(writer, "compatible", "fixed-clock");
    guest_tree_cell(writer, "#clock-cells", 0);
    guest_tree_cell(writer, "clock-frequency", frequency);
    guest_tree_string(writer, "clock-output-names", output);
    guest_tree_cell(writer, "phandle", phandle);
    guest_tree_end(writer);
}

static void guest_tree_sbsa_uart(struct writer *writer, const struct plan_layout *layout)
{
    const uint32_t reg[] = {CELLS_64(layout->uart), CELLS_64(LAYOUT_UART_SIZE)};
    const uint32_t interrupts[] = {GIC_SPI, layout->uart_intid - LAYOUT_SPI_FIRST, LEVEL_HIGH};

    guest_tree_begin_at(writer, "sbsa-uart", layout->uart);
    guest_tree_string(writer, "compatible", "arm,sbsa-uart");
    guest_tree_cells(writer, "reg", reg, 4);
    guest_tree_cells(writer, "interrupts", interrupts, 3);
    guest_tree_cell(writer, "current-speed", 115200);
    guest_tree_end(writer);
}

static void guest_tree_uart(struct writer *writer, const struct plan_layout *layout)
{
    static const char compatible[] = "arm,pl011\0arm,primecell";
    static const char clock_names[] = "uartclk\0apb_pclk";
    static const uint32_t clocks[] = {PHANDLE_CLOCK, PHANDLE_CLOCK};
    const uint32_t reg[] = {CELLS_64(layout->uart), CELLS_64(LAYOUT_UART_SIZE)};
    const uint32_t interrupts[] = {GIC_SPI, layout->uart_intid - LAYOUT_SPI_FIRST, LEVEL_HIGH};

    guest_tree_begin_at(writer, "pl011", layout->uart);
    guest_tree_bytes(writer, "compatible", compatible, sizeof(compatible));
    guest_tree_cells(writer, "reg", reg, 4);
    guest_tree_cells(writer, "interrupts", interrupts, 3);
    guest_tree_cells(writer, "clocks", clocks, 2);
    guest_tree_bytes(writer, "clock-names", clock_names, sizeof(clock_names));
    guest_tree_end(writer);
}

/* What a control tool needs to know of each partition: its number on the page, its name, and the
 * slot of the capability. */
static void guest_tree_control(struct writer *writer, const struct plan_partition *partition)
{
    const uint32_t reg[] = {CELLS_64(partition->layout.control), CELLS_64(BH_CTL_SIZE)};

    guest_tree_begin_at(writer, "control", partition->layout.control);
    guest_tree_string(writer, "compatible", BH_CTL_COMPATIBLE);
    guest_tree_cells(writer, "reg", reg, 4);
    guest_tree_cell(writer, "#address-cells", 1);
    guest_tree_cell(writer, "#size-cells", 0);
    if (partition->resets)
        guest_tree_cell(writer, "bulkhead,platform-slot", BH_MON_PLATFORM);
    for (uint32_t i = 0; i < partition->target_count; i++) {
        char name[16];

        text_format(name, sizeof(name), "partition@%lx", (unsigned long)i);
        guest_tree_begin(writer, name);
        guest_tree_cell(writer, "reg", i);
        guest_tree_string(writer, "label", partition->target[i].name);
        guest_tree_cell(writer, "bulkhead,slot", BH_MON_TARGET + i);
        guest_tree_end(writer);
    }
    guest_tree_end(writer);
}

static void guest_tree_sbsa(struct writer *writer, const struct plan_layout *layout)
{
    const uint64_t control = layout->watchdog + LAYOUT_WATCHDOG_CONTROL;
    const uint32_t reg[] = {
        CELLS_64(control),
        CELLS_64(LAYOUT_WATCHDOG_SIZE),
        CELLS_64(layout->watchdog),
        CELLS_64(LAYOUT_WATCHDOG_SIZE),
    };
    const uint32_t interrupts[] = {GIC_SPI, layout->watchdog_intid - LAYOUT_SPI_FIRST, LEVEL_HIGH};

    guest_tree_begin_at(writer, "watchdog", control);
    guest_tree_string(writer, "compatible", "arm,sbsa-gwdt");
    guest_tree_cells(writer, "reg", reg, 8);
    guest_tree_cells(writer, "interrupts", interrupts, 3);
    guest_tree_end(writer);
}

static void guest_tree_sp805(struct writer *writer, const struct plan_layout *layout)
{
    static const char compatible[] = "arm,sp805\0arm,primecell";
    static const char clock_names[] = "wdog_clk\0apb_pclk";
    static const uint32_t clocks[] = {PHANDLE_WATCHDOG, PHANDLE_CLOCK};
    const uint32_t reg[] = {CELLS_64(layout->watchdog), CELLS_64(LAYOUT_WATCHDOG_SIZE)};
    const uint32_t interrupts[] = {GIC_SPI, layout->watchdog_intid - LAYOUT_SPI_FIRST, LEVEL_HIGH};

    guest_tree_clock(writer, "wdog-clk", "clk1mhz", 1000000, PHANDLE_WATCHDOG);
    guest_tree_begin_at(writer, "watchdog", layout->watchdog);
    guest_tree_bytes(writer, "compatible", compatible, sizeof(compatible));
    guest_tree_cells(writer, "reg", reg, 4);
    guest_tree_cells(writer, "interrupts", interrupts, 3);
    guest_tree_cells(writer, "clocks", clocks, 2);
    guest_tree_bytes(writer, "clock-names", clock_names, sizeof(clock_names));
    guest_tree_end(writer);
}

uint64_t guest_tree_write(const struct plan *plan, uint32_t index, void *out, uint64_t size)
{
    const struct plan_partition *partition = &plan->partition[index];
    struct writer writer = {out, fdt_create(out, (int)size)};

    if (!writer.error)
        writer.error = fdt_finish_reservemap(out);
    guest_tree_begin(&writer, "");
    guest_tree_cell(&writer, "#address-cells", 2);
    guest_tree_cell(&writer, "#size-cells", 2);
    guest_tree_string(&writer, "compatible", "linux,dummy-virt");
    guest_tree_string(&writer, "model", "Bulkhead partition");
    guest_tree_cell(&writer, "interrupt-parent", guest_tree_gic_phandle(plan, index));
    guest_tree_chosen(&writer, partition);
    guest_tree_memory(&writer, partition);
    guest_tree_shared(&writer, plan, index);
    guest_tree_cpus(&writer, partition);
    guest_tree_psci(&writer);
    guest_tree_gic(&writer, plan, index);
    guest_tree_timer(&writer, partition, plan->gic);
    if (guest_tree_has_uart(partition) || partition->watchdog == BH_MON_WATCHDOG_SP805 ||
        partition->gpio_lines)
        guest_tree_clock(&writer, "apb-pclk", "clk24mhz", 24000000, PHANDLE_CLOCK);
    if (guest_tree_has_uart(partition) && guest_tree_is_sbsa(partition))
        guest_tree_sbsa_uart(&writer, &partition->layout);
    else if (guest_tree_has_uart(partition))
        guest_tree_uart(&writer, &partition->layout);
    if (partition->watchdog == BH_MON_WATCHDOG_SBSA)
        guest_tree_sbsa(&writer, &partition->layout);
    else if (partition->watchdog == BH_MON_WATCHDOG_SP805)
        guest_tree_sp805(&writer, &partition->layout);
    if (partition->control)
        guest_tree_control(&writer, partition);
    guest_tree_devices(&writer, plan, index);
    if (partition->doorbell_count)
        guest_tree_channels(&writer, plan, index);
    guest_tree_end(&writer);
    if (!writer.error)
        writer.error = fdt_finish(out);
    return writer.error ? 0 : fdt_totalsize(out);
}
