package io.jvmm.vmm.pci;

/**
 * Function 0 of a device on the bus, by its configuration space.
 *
 * <p>Threads: called by vCPU threads, several at once.
 */
interface PciFunction {
  /** The guest reads {@code size} bytes, 1 to 8, at any offset. */
  long readConfig(int offset, int size);

  /** The guest writes the low {@code size} bytes of {@code value}. */
  void writeConfig(int offset, int size, long value);
}
