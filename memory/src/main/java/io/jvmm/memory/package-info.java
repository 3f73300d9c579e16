/**
 * Guest physical memory. Parameters are called {@code gpa} for guest physical addresses, {@code
 * hva} for host virtual ones, {@code length} for bytes; never just "address".
 */
package io.jvmm.memory;
