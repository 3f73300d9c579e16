/**
 * The virtio persistent memory device (virtio 1.2, 5.19), read-only: {@link
 * io.jvmm.devices.pmem.PmemImage} is the mapping, which the machine puts into the guest's address
 * space, {@link io.jvmm.devices.pmem.Pmem} tells the guest of it.
 */
package io.jvmm.devices.pmem;
