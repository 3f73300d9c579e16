package io.jvmm.virtio.pci;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The configuration space of one function (PCI Local Bus 3.0, 6.1): type 0 header and capabilities,
 * with a mask of the bits that the guest may change. Its memory is the caller's page, which the
 * guest may see itself.
 *
 * <p>The one BAR stays where the machine has put it: a driver may ask for its size by writing all
 * ones, any other address that it writes is not taken. So doorbells never move, and no guest can
 * lay one device over another.
 *
 * <p>Threads: the caller lets one thread at a time write; any reads.
 */
public final class PciConfigSpace {
  /** Bytes of a conventional function's space; the page behind it reads as 0. */
  public static final int SIZE = 256;

  /** Bytes of the page that a function has in the memory-mapped configuration space. */
  public static final int PAGE_SIZE = 4096;

  static final int VENDOR_ID = 0x00;
  static final int DEVICE_ID = 0x02;
  static final int COMMAND = 0x04;
  static final int STATUS = 0x06;
  static final int REVISION_ID = 0x08;
  static final int CLASS_CODE = 0x09; // three bytes
  static final int BAR_0 = 0x10;
  static final int SUBSYSTEM_VENDOR_ID = 0x2c;
  static final int SUBSYSTEM_ID = 0x2e;
  static final int CAPABILITIES_POINTER = 0x34;
  static final int INTERRUPT_LINE = 0x3c;
  static final int HEADER_SIZE = 0x40;

  static final int COMMAND_MEMORY_SPACE = 1 << 1;
  static final int COMMAND_BUS_MASTER = 1 << 2;
  static final int STATUS_CAPABILITIES_LIST = 1 << 4;

  private static final ValueLayout.OfShort LE16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt LE32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final MemorySegment page;
  private final byte[] writable = new byte[SIZE];
  private int barAddress;
  private int barMask;
  private int barWritten;

  /**
   * A function's header.
   *
   * @param page {@link #PAGE_SIZE} bytes, all zero
   * @param classCode 24 bits: class, subclass, programming interface
   */
  public PciConfigSpace(MemorySegment page, int vendor, int deviceId, int revision, int classCode) {
    if (page.byteSize() != PAGE_SIZE) {
      throw new IllegalArgumentException("a page of " + page.byteSize() + " bytes");
    }
    this.page = page;
    set16(VENDOR_ID, vendor);
    set16(DEVICE_ID, deviceId);
    set32(REVISION_ID, classCode << Byte.SIZE | revision);
    set16(SUBSYSTEM_VENDOR_ID, vendor);
    set16(SUBSYSTEM_ID, deviceId);
    allow(COMMAND, COMMAND_MEMORY_SPACE | COMMAND_BUS_MASTER);
    allow(INTERRUPT_LINE, 0xff); // the system's own note, of no meaning to the function
  }

  /**
   * Places the memory BAR, of 32 bits and not prefetchable.
   *
   * @param size a power of two, from 16 up
   */
  void bar(int address, int size) {
    barAddress = address;
    barMask = -size;
    barWritten = address;
    set32(BAR_0, address);
  }

  void set8(int offset, int value) {
    page.set(ValueLayout.JAVA_BYTE, offset, (byte) value);
  }

  void set16(int offset, int value) {
    page.set(LE16, offset, (short) value);
  }

  void set32(int offset, int value) {
    page.set(LE32, offset, value);
  }

  int get16(int offset) {
    return page.get(LE16, offset) & 0xffff;
  }

  int get32(int offset) {
    return page.get(LE32, offset);
  }

  /** Lets the guest change the bits of {@code mask} in the 32 at {@code offset}. */
  void allow(int offset, int mask) {
    for (int i = 0; i < Integer.BYTES; i++) {
      writable[offset + i] |= (byte) (mask >>> (Byte.SIZE * i));
    }
  }

  boolean isMemoryEnabled() {
    return (get16(COMMAND) & COMMAND_MEMORY_SPACE) != 0;
  }

  /**
   * The guest reads; outside the page there is nothing, and nothing reads as all ones.
   *
   * @param size 1, 2, 4 or 8 bytes, at any offset
   */
  public long read(int offset, int size) {
    if (offset < 0 || offset > PAGE_SIZE - size) {
      return -1;
    }
    long value = 0;
    for (int i = 0; i < size; i++) {
      value |= (page.get(ValueLayout.JAVA_BYTE, offset + i) & 0xffL) << (Byte.SIZE * i);
    }
    return value;
  }

  /**
   * The guest writes; what it may not change stays.
   *
   * @param size 1, 2, 4 or 8 bytes, at any offset
   */
  public void write(int offset, int size, long value) {
    for (int i = 0; i < size; i++) {
      int at = offset + i;
      int given = (int) (value >>> (Byte.SIZE * i)) & 0xff;
      if (at >= BAR_0 && at < BAR_0 + Integer.BYTES) {
        writeBar(Byte.SIZE * (at - BAR_0), given);
      } else if (at >= 0 && at < SIZE && writable[at] != 0) {
        byte mask = writable[at];
        byte old = page.get(ValueLayout.JAVA_BYTE, at);
        page.set(ValueLayout.JAVA_BYTE, at, (byte) ((old & ~mask) | (given & mask)));
      }
    }
  }

  private void writeBar(int shift, int given) {
    barWritten = (barWritten & ~(0xff << shift)) | given << shift;
    set32(BAR_0, (barWritten & barMask) == barMask ? barMask : barAddress);
  }
}
