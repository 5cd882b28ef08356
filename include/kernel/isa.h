/* SPDX-License-Identifier: MIT */
/*
 * isa.h - the extensions that a cpu node of the device tree names, as PUDU_ISA_* bits. Pure.
 *
 * Source: RISC-V unprivileged ISA, "ISA Extension Naming Conventions"; Linux' binding
 * riscv/extensions.yaml.
 */
#ifndef KERNEL_ISA_H
#define KERNEL_ISA_H

#include <stddef.h>
#include <stdint.h>

/*
 * isa_of_string - read a riscv,isa string such as "rv64imafdcv_zicsr2p0_sstc", in either case, with
 * or without versions. Result: PUDU_ISA_* bits; 0 if it does not begin with "rv64".
 */
uint64_t isa_of_string(const char *isa);

/*
 * isa_of_list - read riscv,isa-extensions: @size bytes of strings, each with its final 0, such as
 * "i", "m", "sstc". What follows the last 0 is not looked at. Result: PUDU_ISA_* bits.
 */
uint64_t isa_of_list(const char *list, size_t size);

#endif
