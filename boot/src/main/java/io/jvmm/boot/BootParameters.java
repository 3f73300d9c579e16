package io.jvmm.boot;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a kernel is to be told of its machine; how much RAM there is, the guest memory itself says.
 *
 * @param cpus how many CPUs, 1 to {@link MachineLayout#CPUS_MAX}; CPU i has APIC id i
 * @param commandLine the whole of it, but for what the loader adds
 * @param initrd an initial RAM disk, still open; null where there is none
 * @param slots the virtio-mmio devices
 * @param hasPci whether there is a PCI bus
 * @param protocol which way into the kernel
 * @param kernelFileIsImmutable whether nobody ever rewrites or cuts the kernel's file in place, so
 *     that its pages may be shared with the page cache while the guest lives
 */
public record BootParameters(
    int cpus,
    CommandLine commandLine,
    @Nullable Initrd initrd,
    List<VirtioMmioSlot> slots,
    boolean hasPci,
    EntryProtocol protocol,
    boolean kernelFileIsImmutable) {

  /** Checks the numbers. */
  public BootParameters {
    if (cpus < 1 || cpus > MachineLayout.CPUS_MAX) {
      throw new IllegalArgumentException(
          cpus + " CPUs: a machine has 1 to " + MachineLayout.CPUS_MAX);
    }
    if (slots.size() > MachineLayout.VIRTIO_DEVICES_MAX) {
      throw new IllegalArgumentException(
          slots.size()
              + " virtio devices: a machine has at most "
              + MachineLayout.VIRTIO_DEVICES_MAX);
    }
  }
}
