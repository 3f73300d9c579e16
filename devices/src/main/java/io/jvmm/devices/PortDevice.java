package io.jvmm.devices;

/**
 * A device behind x86 I/O ports.
 *
 * <p>Threads: called by vCPU threads, several at once; never blocks, does no file or socket I/O.
 */
public interface PortDevice {
  /**
   * The guest reads.
   *
   * @param offset from the first port of the device
   * @param size 1, 2 or 4 bytes
   * @return the value; bits above {@code size} bytes are ignored
   */
  int read(int offset, int size);

  /** The guest writes the low {@code size} bytes of {@code value}. */
  void write(int offset, int size, int value);
}
