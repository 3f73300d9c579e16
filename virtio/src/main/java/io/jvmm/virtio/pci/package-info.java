/**
 * Virtio over PCI (virtio 1.2, 4.1): modern devices alone, MSI-X alone, one memory BAR.
 *
 * <p>A function's configuration space is one page of memory: the machine may let the guest read it
 * without a VM exit, so that nothing but a guest's write may change it.
 *
 * <p>Locks: a function has one for its configuration space and one for its MSI-X table, both taken
 * by vCPU threads alone. I/O threads take none; what both sides touch is atomic.
 */
package io.jvmm.virtio.pci;
