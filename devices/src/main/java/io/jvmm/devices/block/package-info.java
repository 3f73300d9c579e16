/**
 * The virtio block device (virtio 1.2, 5.2). {@link io.jvmm.devices.block.Block} is the device;
 * what holds the data is a {@link io.jvmm.devices.block.BlockBackend}, which sees host addresses
 * and offsets, never a queue.
 *
 * <p>Durability: a write that was answered is in the host's page cache and outlives the machine; it
 * outlives the host once a later flush was answered. A driver that does not know VIRTIO_BLK_F_FLUSH
 * gets each write answered only when it is on the medium.
 */
package io.jvmm.devices.block;
