# SPDX-License-Identifier: BSD-2-Clause
# EL0 programs: flat images that begin with struct bh_program.

# bulkhead_program(NAME BASE b [RAM r] STACK s STACKS n SOURCES .. [INCLUDES ..] [SYSTEM_INCLUDES ..]
# [DEFINITIONS ..] [LIBRARIES ..] [LIBC])
# builds NAME.elf and NAME.bin. With RAM the program's writable memory lies there and the image holds only text,
# rodata and initialisers. LIBC: the program may use picolibc and FP registers (the manager); without it the FP
# registers are the guest's, and a program that touches one does not build.
function(bulkhead_program name)
    cmake_parse_arguments(P "LIBC" "BASE;RAM;STACK;STACKS" "SOURCES;INCLUDES;SYSTEM_INCLUDES;DEFINITIONS;LIBRARIES" ${ARGN})
    if(NOT P_SOURCES)
        message(STATUS "${name}: no sources yet")
        return()
    endif()
    file(GLOB el0 CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/libcap/el0/*.c ${CMAKE_SOURCE_DIR}/libcap/el0/*.S)
    set(script ${CMAKE_BINARY_DIR}/${name}.lds)
    set(layout -DPROGRAM_BASE=${P_BASE} -DPROGRAM_STACK=${P_STACK} -DPROGRAM_STACKS=${P_STACKS})
    if(P_RAM)
        list(APPEND layout -DPROGRAM_RAM=${P_RAM})
    endif()
    bulkhead_linker_script(${name}_script ${script} ${CMAKE_SOURCE_DIR}/libcap/el0/program.lds.in ${layout})

    add_executable(${name} ${P_SOURCES} ${el0})
    add_dependencies(${name} ${name}_script)
    set_target_properties(${name} PROPERTIES SUFFIX .elf LINK_DEPENDS ${script}
        RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
    target_include_directories(${name} PRIVATE ${P_INCLUDES} ${CMAKE_SOURCE_DIR}/libcap/include)
    target_include_directories(${name} SYSTEM PRIVATE ${P_SYSTEM_INCLUDES})
    target_compile_definitions(${name} PRIVATE ${P_DEFINITIONS})
    # No loop may become a call to itself in the program's own memcpy and memset.
    set(options ${bulkhead_freestanding_options} $<$<COMPILE_LANGUAGE:C>:-fno-tree-loop-distribute-patterns>)
    set(check)
    if(P_LIBC)
        # FP is the manager's own until the seal; picolibc's specs bring its headers and libraries.
        list(REMOVE_ITEM options -ffreestanding)
        list(APPEND options -specs=/usr/lib/picolibc/aarch64-linux-gnu/picolibc.specs)
        target_link_options(${name} PRIVATE -specs=/usr/lib/picolibc/aarch64-linux-gnu/picolibc.specs -nostartfiles)
        target_link_libraries(${name} PRIVATE ${P_LIBRARIES} -lc -lgcc)
    else()
        list(APPEND options -mgeneral-regs-only)
        set(check COMMAND /usr/bin/python3 ${CMAKE_SOURCE_DIR}/tools/cmake/check_no_fp.py ${CMAKE_OBJDUMP} $<TARGET_FILE:${name}>)
    endif()
    target_compile_options(${name} PRIVATE ${options})
    target_link_options(${name} PRIVATE ${bulkhead_link_options} -T ${script} -Wl,-Map=${CMAKE_BINARY_DIR}/${name}.map)
    bulkhead_flat(${name} ${CMAKE_BINARY_DIR}/${name}.bin ${check})
    set_property(TARGET ${name} PROPERTY BULKHEAD_IMAGE ${CMAKE_BINARY_DIR}/${name}.bin)
endfunction()
