/**
 * What virtio devices have in common that serve their queues on an {@link
 * io.jvmm.devices.io.IoLoop}: {@link io.jvmm.devices.queue.ServedQueues} is the device's side, a
 * {@link io.jvmm.devices.queue.ChainHandler} what it does with a chain.
 */
package io.jvmm.devices.queue;
