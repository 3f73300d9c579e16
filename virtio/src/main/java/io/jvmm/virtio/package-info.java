/**
 * What a virtio device is, and the two seams to the machine: {@link io.jvmm.virtio.Interrupt} and
 * {@link io.jvmm.virtio.Doorbell}.
 */
package io.jvmm.virtio;
