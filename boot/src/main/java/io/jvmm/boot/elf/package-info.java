/** ELF kernels: a {@code vmlinux} as it was linked. */
package io.jvmm.boot.elf;
