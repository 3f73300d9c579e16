package io.jvmm.vmm.bus;

import io.jvmm.devices.PortDevice;
import java.util.Arrays;

/**
 * The I/O port space. What no device claims reads as all ones and swallows writes, as on a PC.
 *
 * <p>Threads: devices are added before the first vCPU runs; then any vCPU thread.
 */
public final class PortBus {
  private int count;
  private int[] firstPorts = new int[8];
  private int[] endPorts = new int[8];
  private PortDevice[] devices = new PortDevice[8];

  /** An empty bus. */
  public PortBus() {}

  /**
   * Puts a device at {@code portCount} ports from {@code firstPort} up.
   *
   * @throws IllegalArgumentException where another device has one of them
   */
  public void add(int firstPort, int portCount, PortDevice device) {
    int end = Math.addExact(firstPort, portCount);
    for (int i = 0; i < count; i++) {
      if (firstPort < endPorts[i] && firstPorts[i] < end) {
        throw new IllegalArgumentException(
            "port 0x" + Integer.toHexString(firstPort) + " is taken");
      }
    }
    if (count == devices.length) {
      firstPorts = Arrays.copyOf(firstPorts, count * 2);
      endPorts = Arrays.copyOf(endPorts, count * 2);
      devices = Arrays.copyOf(devices, count * 2);
    }
    firstPorts[count] = firstPort;
    endPorts[count] = end;
    devices[count] = device;
    count++;
  }

  /** Hot: a guest reads {@code size} bytes at {@code port}. */
  public int read(int port, int size) {
    int i = find(port);
    return i < 0 ? -1 : devices[i].read(port - firstPorts[i], size);
  }

  /** Hot: a guest writes {@code size} bytes at {@code port}. */
  public void write(int port, int size, int value) {
    int i = find(port);
    if (i >= 0) {
      devices[i].write(port - firstPorts[i], size, value);
    }
  }

  private int find(int port) {
    for (int i = 0; i < count; i++) {
      if (port >= firstPorts[i] && port < endPorts[i]) {
        return i;
      }
    }
    return -1;
  }
}
