package io.jvmm.vmm.bus;

/**
 * A device behind registers in the guest's physical address space.
 *
 * <p>Threads: called by vCPU threads, several at once; never blocks.
 */
public interface MmioDevice {
  /**
   * The guest reads {@code size} bytes, 1 to 8, at {@code offset} from the device's first register.
   */
  long read(int offset, int size);

  /** The guest writes the low {@code size} bytes of {@code value}. */
  void write(int offset, int size, long value);
}
