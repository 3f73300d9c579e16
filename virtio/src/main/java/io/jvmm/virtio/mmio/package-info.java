/**
 * Virtio over MMIO, version 2 (virtio 1.2, 4.2).
 *
 * <p>Locks: none here; {@link io.jvmm.virtio.DriverHandshake} has one, taken by vCPU threads alone.
 * I/O threads take none; what both sides touch is atomic.
 */
package io.jvmm.virtio.mmio;
