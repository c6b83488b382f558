# SPDX-License-Identifier: BSD-2-Clause
# The kernel, for each board: its objects are compiled once and linked with one manager per image.
set(kernel_manager ${CMAKE_SOURCE_DIR}/kernel/arm64/manager.S)
file(GLOB kernel_sources CONFIGURE_DEPENDS kernel/*.c kernel/arm64/*.c kernel/arm64/*.S platform/*.c)
list(REMOVE_ITEM kernel_sources ${kernel_manager})
set(kernel_includes ${CMAKE_SOURCE_DIR}/kernel ${CMAKE_SOURCE_DIR}/kernel/arm64 ${CMAKE_SOURCE_DIR}/libcap/include
    ${CMAKE_SOURCE_DIR}/config)
# Small before fast: 32 KiB is the budget. No frame records: nothing walks EL2's stack, and gdb has its tables.
set(kernel_options ${bulkhead_freestanding_options} -mgeneral-regs-only -Os -fno-jump-tables -fomit-frame-pointer)
# What every exit and every interrupt passes through is fast before small, but not padded. No jump tables: the only
# indirect branch is the dispatcher's (tests/system/test_branches.py).
set(kernel_hot kernel/virq_lists_quick.c kernel/virq_run.c kernel/arm64/quick.c)

# The board's suffix, of objects and of images, its folder under platform and its controller's under kernel/arm64.
set(kernel_boards)
function(bulkhead_board suffix board gic)
    file(GLOB sources CONFIGURE_DEPENDS kernel/arm64/${gic}/*.c platform/${board}/*.c)
    list(APPEND all ${kernel_sources} ${sources})
    list(SORT all)
    add_library(kernel_objects${suffix} OBJECT ${all})
    target_include_directories(kernel_objects${suffix} PRIVATE ${kernel_includes} ${CMAKE_SOURCE_DIR}/platform/${board})
    target_compile_options(kernel_objects${suffix} PRIVATE ${kernel_options})
    set_source_files_properties(${kernel_hot} kernel/arm64/${gic}/icc.c kernel/arm64/${gic}/ich.c
        PROPERTIES COMPILE_OPTIONS "-O2;-falign-functions=4;-falign-jumps=1;-falign-loops=1;-falign-labels=1")
    set(kernel_boards ${kernel_boards} board${suffix} PARENT_SCOPE)
endfunction()

bulkhead_board("" qemu-virt gicv3)
bulkhead_board(-gicv2 qemu-virt-gicv2 gicv2)
set(kernel_script ${CMAKE_BINARY_DIR}/kernel.lds)
list(TRANSFORM kernel_includes PREPEND -I OUTPUT_VARIABLE kernel_include_flags)
bulkhead_linker_script(kernel_script ${kernel_script} ${CMAKE_SOURCE_DIR}/kernel/arm64/kernel.lds ${kernel_include_flags})

# bulkhead_kernel(NAME MANAGER): NAME.elf and NAME.bin, and NAME-gicv2.elf and .bin and so on for each board: the kernel
# with that program (a bulkhead_program target) as its manager. Tests link the same objects with managers of their own.
function(bulkhead_kernel plain manager)
    get_target_property(image ${manager} BULKHEAD_IMAGE)
    foreach(board ${kernel_boards})
        string(REGEX REPLACE "^board" "" suffix ${board})
        set(name ${plain}${suffix})
        # One source per image, so that each has its own definition and dependency.
        set(source ${CMAKE_BINARY_DIR}/${name}-manager.S)
        file(CONFIGURE OUTPUT ${source}
             CONTENT "#define MANAGER_IMAGE \"${image}\"\n#include \"${kernel_manager}\"\n")
        set_source_files_properties(${source} PROPERTIES OBJECT_DEPENDS ${image})

        add_executable(${name} $<TARGET_OBJECTS:kernel_objects${suffix}> ${source})
        add_dependencies(${name} kernel_script ${manager}_image)
        set_target_properties(${name} PROPERTIES SUFFIX .elf LINK_DEPENDS ${kernel_script}
            RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
        target_include_directories(${name} PRIVATE ${kernel_includes})
        target_compile_options(${name} PRIVATE ${kernel_options})
        target_link_options(${name} PRIVATE ${bulkhead_link_options} -T ${kernel_script}
            -Wl,-Map=${CMAKE_BINARY_DIR}/${name}.map)
        bulkhead_flat(${name} ${CMAKE_BINARY_DIR}/${name}.bin)
    endforeach()
endfunction()

# bulkhead_bare(NAME KERNEL): NAME.img and NAME-gicv2.img and so on, what a boot loader starts that brings the system
# beside it: that board's kernel and the programs.
function(bulkhead_bare plain kernel)
    set(images)
    foreach(board ${kernel_boards})
        string(REGEX REPLACE "^board" "" suffix ${board})
        set(image ${CMAKE_BINARY_DIR}/${plain}${suffix}.img)
        add_custom_command(OUTPUT ${image}
            COMMAND ${CMAKE_COMMAND} -E env PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=${CMAKE_SOURCE_DIR}/tools
                    /usr/bin/python3 -m bulkheadlib.bundle ${CMAKE_BINARY_DIR} ${kernel}${suffix}.bin ${image}
            DEPENDS ${kernel}${suffix}_image monitor_image console_image ${CMAKE_BINARY_DIR}/${kernel}${suffix}.bin
                    ${CMAKE_BINARY_DIR}/monitor.bin ${CMAKE_BINARY_DIR}/console.bin
                    ${CMAKE_SOURCE_DIR}/tools/bulkheadlib/bundle.py
            VERBATIM)
        list(APPEND images ${image})
    endforeach()
    add_custom_target(${plain}_images ALL DEPENDS ${images})
endfunction()
