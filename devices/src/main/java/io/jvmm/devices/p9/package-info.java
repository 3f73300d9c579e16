/**
 * Shared folders: a 9P2000.L server behind virtio (virtio 1.2 keeps number 9 for it). {@link
 * io.jvmm.devices.p9.SharedFolder} is the device, its session keeps the driver's fids on the I/O
 * thread, and workers make the system calls.
 */
package io.jvmm.devices.p9;
