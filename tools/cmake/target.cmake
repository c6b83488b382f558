# SPDX-License-Identifier: BSD-2-Clause
# Options of everything freestanding, and the two small steps that every image needs.
set(bulkhead_freestanding_options
    -ffreestanding -fno-pic -fno-pie -fno-stack-protector -fno-common -ffunction-sections -fdata-sections
    -fno-asynchronous-unwind-tables -fno-unwind-tables -mstrict-align -mno-outline-atomics
    -mbranch-protection=none -mfix-cortex-a53-835769)
set(bulkhead_link_options
    -nostdlib -static -no-pie -Wl,--fix-cortex-a53-843419 -Wl,--gc-sections -Wl,--build-id=none
    -Wl,-z,max-page-size=4096 -Wl,-z,noexecstack -Wl,--no-warn-rwx-segments)

# bulkhead_linker_script(TARGET OUT IN [flags..]): linker scripts go through the C preprocessor.
function(bulkhead_linker_script target out in)
    add_custom_command(OUTPUT ${out}
        COMMAND ${CMAKE_C_COMPILER} -E -P -x c -undef -D__ASSEMBLER__ -D__LINKER__ ${ARGN}
                -MD -MF ${out}.d -MT ${out} -o ${out} ${in}
        DEPENDS ${in} DEPFILE ${out}.d VERBATIM)
    add_custom_target(${target} DEPENDS ${out})
endfunction()

# bulkhead_flat(TARGET OUT [command..]): the flat binary of an executable, and a target that builds it.
function(bulkhead_flat target out)
    add_custom_command(OUTPUT ${out}
        COMMAND ${CMAKE_OBJCOPY} -O binary $<TARGET_FILE:${target}> ${out}
        ${ARGN}
        DEPENDS ${target} VERBATIM)
    add_custom_target(${target}_image ALL DEPENDS ${out})
endfunction()
