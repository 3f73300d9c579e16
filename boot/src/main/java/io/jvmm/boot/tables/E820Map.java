package io.jvmm.boot.tables;

import static io.jvmm.boot.MachineLayout.ACPI_TABLES;
import static io.jvmm.boot.MachineLayout.ACPI_TABLES_SIZE;
import static io.jvmm.boot.MachineLayout.HOLE_END;
import static io.jvmm.boot.MachineLayout.KERNEL_MIN;
import static io.jvmm.boot.MachineLayout.KVM_IDENTITY_MAP;
import static io.jvmm.boot.MachineLayout.KVM_RESERVED_SIZE;
import static io.jvmm.boot.MachineLayout.MP_TABLE;
import static io.jvmm.boot.MachineLayout.MP_TABLE_SIZE;

/**
 * The guest's memory map, as a PC's firmware answers INT 15h, AX=E820h (ACPI 6.4, 15). What is in
 * no entry is not memory: the video and ROM area below 1 MiB, and the hole for devices.
 */
public final class E820Map {
  /** Usable RAM. */
  public static final int RAM = 1;

  /** Not to be touched, nor given to devices. */
  public static final int RESERVED = 2;

  /** ACPI tables; may be used as RAM when they have been read. */
  public static final int ACPI = 3;

  /** The most entries that a map of ours has. */
  public static final int ENTRIES_MAX = 6;

  private final long[] bases = new long[ENTRIES_MAX];
  private final long[] lengths = new long[ENTRIES_MAX];
  private final int[] types = new int[ENTRIES_MAX];
  private int count;

  /**
   * The map of a machine, lowest address first.
   *
   * @param lowRam bytes of RAM from 0; more than 1 MiB
   * @param highRam bytes of RAM from 4 GiB; 0 where there is none
   */
  public E820Map(long lowRam, long highRam) {
    add(0, MP_TABLE, RAM);
    add(MP_TABLE, MP_TABLE_SIZE, RESERVED);
    add(ACPI_TABLES, ACPI_TABLES_SIZE, ACPI);
    add(KERNEL_MIN, lowRam - KERNEL_MIN, RAM);
    add(KVM_IDENTITY_MAP, KVM_RESERVED_SIZE, RESERVED);
    if (highRam > 0) {
      add(HOLE_END, highRam, RAM);
    }
  }

  private void add(long base, long length, int type) {
    bases[count] = base;
    lengths[count] = length;
    types[count] = type;
    count++;
  }

  /** How many entries there are. */
  public int count() {
    return count;
  }

  /** Where entry {@code index} begins. */
  public long base(int index) {
    return bases[index];
  }

  /** Bytes of entry {@code index}. */
  public long length(int index) {
    return lengths[index];
  }

  /** {@link #RAM}, {@link #RESERVED} or {@link #ACPI}. */
  public int type(int index) {
    return types[index];
  }
}
