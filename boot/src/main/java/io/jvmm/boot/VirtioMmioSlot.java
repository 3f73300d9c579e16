package io.jvmm.boot;

/**
 * A virtio-mmio device as the guest is told of it.
 *
 * @param gpa its registers
 * @param gsi its interrupt, edge-triggered
 */
public record VirtioMmioSlot(long gpa, int gsi) {}
