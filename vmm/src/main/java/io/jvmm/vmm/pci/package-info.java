/**
 * The machine's one PCI bus: a host bridge, and a virtio function on each further device. Its
 * configuration space is memory-mapped (PCI Express 4.0, 7.2.2); the addresses are {@link
 * io.jvmm.boot.MachineLayout}'s.
 */
package io.jvmm.vmm.pci;
