package io.jvmm.memory;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.Fd;
import io.jvmm.host.Mapping;
import io.jvmm.host.MemFd;
import io.jvmm.host.raw.AddressSpace;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The RAM of one guest: one region from address 0, and where there is more than fits below the hole
 * for devices, a second one above it. Each region is one mapping, which costs host memory only
 * where it is touched.
 *
 * <p>Every access names a guest physical address and is checked, without overflow, in one place:
 * {@link #translate}. A range that spans two regions is refused. Values are little-endian, as the
 * guest's are, at any alignment unless the method says otherwise.
 *
 * <p>Threads: any thread may read and write, the guest does so at the same time; what needs order
 * uses the {@code acquire} and {@code release} forms. The owner closes after every vCPU and I/O
 * thread has stopped: an address got from {@link #translate} is then dead.
 */
public final class GuestMemory implements AutoCloseable {
  /** What {@link #translate} answers for a range outside RAM. No mapping begins at 0. */
  public static final long UNMAPPED = 0;

  /** A private anonymous mapping or a memfd, which another process can map too. */
  public enum Backing {
    /** Private zero pages. */
    ANONYMOUS,
    /** A {@code memfd_create} file, shared. */
    MEMFD
  }

  private static final MemorySegment ALL = AddressSpace.ALL;
  private static final VarHandle LE16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
  private static final VarHandle LE32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
  private static final VarHandle LE64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

  /** Aligned, so that the access is atomic and can be ordered. */
  private static final VarHandle ORDERED16 =
      ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

  private final Mapping[] mappings;
  private final GuestRegion[] regions;
  private final long lowLength;
  private final long lowHva;
  private final long highGpa;
  private final long highLength;
  private final long highHva;

  private GuestMemory(Mapping[] mappings, long highGpa) {
    this.mappings = mappings;
    this.lowLength = mappings[0].length();
    this.lowHva = mappings[0].address();
    boolean hasHigh = mappings.length > 1;
    this.highGpa = highGpa;
    this.highLength = hasHigh ? mappings[1].length() : 0;
    this.highHva = hasHigh ? mappings[1].address() : 0;
    GuestRegion low = new GuestRegion(0, lowHva, lowLength);
    this.regions =
        hasHigh
            ? new GuestRegion[] {low, new GuestRegion(highGpa, highHva, highLength)}
            : new GuestRegion[] {low};
  }

  /**
   * Makes guest RAM of {@code length} bytes: from 0 up to {@code holeStart}, the rest from {@code
   * holeEnd} up.
   *
   * @param length in bytes, a positive multiple of the page size
   * @throws IllegalArgumentException where a number is not page-aligned or the hole is upside down
   * @throws io.jvmm.host.SyscallException where the host has no room
   */
  public static GuestMemory allocate(long length, long holeStart, long holeEnd, Backing backing) {
    if (length <= 0
        || holeStart <= 0
        || holeEnd < holeStart
        || ((length | holeStart | holeEnd) & (Mapping.PAGE_SIZE - 1)) != 0) {
      throw new IllegalArgumentException("guest RAM of " + length + " bytes");
    }
    long low = Math.min(length, holeStart);
    Mapping lowMapping = map("guest RAM", low, backing);
    if (length == low) {
      return new GuestMemory(new Mapping[] {lowMapping}, holeEnd);
    }
    try {
      Mapping highMapping = map("guest RAM above the hole", length - low, backing);
      return new GuestMemory(new Mapping[] {lowMapping, highMapping}, holeEnd);
    } catch (RuntimeException e) {
      lowMapping.close();
      throw e;
    }
  }

  private static Mapping map(String role, long length, Backing backing) {
    Mapping mapping =
        backing == Backing.ANONYMOUS ? Mapping.anonymous(role, length) : memFd(role, length);
    try {
      mapping.excludeFromCoreDumps(); // a guest's secrets are not the host's to write down
      return mapping;
    } catch (RuntimeException e) {
      mapping.close();
      throw e;
    }
  }

  private static Mapping memFd(String role, long length) {
    try (Fd memfd = MemFd.create("jvmm-guest-ram", length)) {
      return Mapping.shared(role, memfd, 0, length); // the mapping keeps the file alive
    }
  }

  /** How many regions there are: one or two. */
  public int regionCount() {
    return regions.length;
  }

  /** Region {@code index}, the lowest first. */
  public GuestRegion region(int index) {
    return regions[index];
  }

  /** All RAM, in bytes. */
  public long length() {
    return lowLength + highLength;
  }

  /**
   * Hot: where a guest range lies in this process.
   *
   * @param gpa any 64-bit value; hostile ones are answered, not thrown at
   * @param length in bytes, taken as unsigned; 0 asks about the address alone
   * @return the host virtual address, or {@link #UNMAPPED} where the range is not wholly inside one
   *     region
   */
  public long translate(long gpa, long length) {
    // low: 0 <= gpa, gpa + length <= lowLength, said without a sum that could overflow
    if (gpa >= 0 && gpa < lowLength) {
      return length >= 0 && length <= lowLength - gpa ? lowHva + gpa : UNMAPPED;
    }
    long offset = gpa - highGpa;
    if (gpa >= highGpa && offset < highLength) {
      return length >= 0 && length <= highLength - offset ? highHva + offset : UNMAPPED;
    }
    return UNMAPPED;
  }

  /**
   * As {@link #translate}, for paths that have no other answer.
   *
   * @throws GuestAddressException where the range is not wholly inside one region
   */
  public long check(long gpa, long length) {
    long hva = translate(gpa, length);
    if (hva == UNMAPPED) {
      throw new GuestAddressException(gpa, length);
    }
    return hva;
  }

  /** Reads a u8. */
  public byte getByte(long gpa) {
    return ALL.get(JAVA_BYTE, check(gpa, Byte.BYTES));
  }

  /** Reads an le16. */
  public short getShort(long gpa) {
    return (short) LE16.get(ALL, check(gpa, Short.BYTES));
  }

  /** Reads an le32. */
  public int getInt(long gpa) {
    return (int) LE32.get(ALL, check(gpa, Integer.BYTES));
  }

  /** Reads an le64. */
  public long getLong(long gpa) {
    return (long) LE64.get(ALL, check(gpa, Long.BYTES));
  }

  /** Writes a u8. */
  public void setByte(long gpa, byte value) {
    ALL.set(JAVA_BYTE, check(gpa, Byte.BYTES), value);
  }

  /** Writes an le16. */
  public void setShort(long gpa, short value) {
    LE16.set(ALL, check(gpa, Short.BYTES), value);
  }

  /** Writes an le32. */
  public void setInt(long gpa, int value) {
    LE32.set(ALL, check(gpa, Integer.BYTES), value);
  }

  /** Writes an le64. */
  public void setLong(long gpa, long value) {
    LE64.set(ALL, check(gpa, Long.BYTES), value);
  }

  /**
   * Reads an le16 at an even address; what the guest wrote before it released this value is seen
   * after.
   */
  public short acquireShort(long gpa) {
    return (short) ORDERED16.getAcquire(ALL, check(gpa, Short.BYTES));
  }

  /**
   * Writes an le16 at an even address; a guest that acquires it sees all that was written before.
   */
  public void releaseShort(long gpa, short value) {
    ORDERED16.setRelease(ALL, check(gpa, Short.BYTES), value);
  }

  /** Copies out of the guest. */
  public void read(long gpa, byte[] target, int offset, int length) {
    // Not the form that takes an array: its first call links a pattern switch, milliseconds of
    // start-up.
    MemorySegment.copy(ALL, check(gpa, length), MemorySegment.ofArray(target), offset, length);
  }

  /** Copies into the guest. */
  public void write(long gpa, byte[] source, int offset, int length) {
    MemorySegment.copy(MemorySegment.ofArray(source), offset, ALL, check(gpa, length), length);
  }

  /** Copies native memory into the guest. */
  public void write(long gpa, MemorySegment source, long offset, long length) {
    MemorySegment.copy(source, offset, ALL, check(gpa, length), length);
  }

  /** Copies a whole array into the guest. */
  public void write(long gpa, byte[] source) {
    write(gpa, source, 0, source.length);
  }

  /** Sets a range to one value. */
  public void fill(long gpa, long length, byte value) {
    slice(gpa, length).fill(value);
  }

  /**
   * A view of a range, not a copy; it has the range's bounds and dies with this memory. Cold: it
   * allocates.
   *
   * @throws GuestAddressException where the range is not wholly inside one region
   */
  public MemorySegment slice(long gpa, long length) {
    long hva = check(gpa, length);
    Mapping mapping = gpa < lowLength ? mappings[0] : mappings[1];
    return mapping.segment().asSlice(hva - mapping.address(), length);
  }

  /**
   * Hot: gives a range back to the host. The guest finds zeroes there when it touches it again, or
   * what the file has where one was mapped with {@link #overlayPrivate}; it costs no memory until
   * then.
   *
   * @param gpa any 64-bit value; hostile ones are answered, not thrown at
   * @param length in bytes; 0 is refused
   * @return 0, {@code -EFAULT} where the range is not wholly inside one region, {@code -EINVAL}
   *     where it is not page-aligned, or what the kernel says
   */
  public long tryRelease(CallState state, long gpa, long length) {
    if (length <= 0 || ((gpa | length) & (Mapping.PAGE_SIZE - 1)) != 0) {
      return -Errno.EINVAL;
    }
    long hva = translate(gpa, length);
    if (hva == UNMAPPED) {
      return -Errno.EFAULT;
    }
    Mapping mapping = gpa < lowLength ? mappings[0] : mappings[1];
    return mapping.tryRelease(state, hva - mapping.address(), length);
  }

  /**
   * Maps a part of a file privately into the guest instead of reading it: pages are shared with the
   * page cache until the guest writes them. Only for a file that nobody rewrites in place or cuts
   * while the guest lives.
   *
   * @param gpa page-aligned, as are {@code offset} and {@code length}
   * @throws GuestAddressException where the range is not wholly inside one region
   */
  public void overlayPrivate(long gpa, Fd file, long offset, long length) {
    long hva = check(gpa, length);
    Mapping mapping = gpa < lowLength ? mappings[0] : mappings[1];
    mapping.overlayPrivate(hva - mapping.address(), file, offset, length);
  }

  @Override
  public void close() {
    for (int i = mappings.length - 1; i >= 0; i--) {
      mappings[i].close();
    }
  }
}
