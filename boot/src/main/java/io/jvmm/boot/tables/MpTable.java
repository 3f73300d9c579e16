package io.jvmm.boot.tables;

import static io.jvmm.boot.MachineLayout.GSI_COUNT;
import static io.jvmm.boot.MachineLayout.IOAPIC;
import static io.jvmm.boot.MachineLayout.IOAPIC_ID;
import static io.jvmm.boot.MachineLayout.LOCAL_APIC;
import static io.jvmm.boot.MachineLayout.MP_TABLE;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * CPUs and interrupts for a kernel without ACPI (Intel MultiProcessor Specification 1.4, 4): a
 * floating pointer, and right behind it the configuration table.
 *
 * <p>One bus, ISA, whose interrupt is the IOAPIC's input of the same number, edge-triggered and
 * active high; a kernel takes numbers above 15 as well.
 */
public final class MpTable {
  static final int POINTER_SIZE = 16;
  static final int HEADER_SIZE = 44;
  static final int PROCESSOR_SIZE = 20;
  static final int ENTRY_SIZE = 8;

  /** What is there once beside the CPUs and the inputs: bus, IOAPIC, LINT0, LINT1. */
  private static final int SINGLE_ENTRIES = 4;

  private static final int PROCESSOR = 0;
  private static final int BUS = 1;
  private static final int IO_APIC = 2;
  private static final int IO_INTERRUPT = 3;
  private static final int LOCAL_INTERRUPT = 4;

  private static final int SPECIFICATION_1_4 = 4;
  private static final int ISA = 0;

  /** The version that KVM's local APICs answer. */
  private static final int LOCAL_APIC_VERSION = 0x14;

  /** The version that KVM's IOAPIC answers. */
  private static final int IOAPIC_VERSION = 0x11;

  private static final int ENABLED = 1;
  private static final int BOOTSTRAP = 2;

  /** CPUID's features in the words of 1997; kernels read CPUID itself. FPU and APIC. */
  private static final int FEATURE_FLAGS = 0x201;

  private static final int TYPE_INT = 0;
  private static final int TYPE_NMI = 1;
  private static final int TYPE_EXT_INT = 3;
  private static final int ALL_LOCAL_APICS = 0xFF;

  private MpTable() {}

  /** Bytes of pointer and table together. */
  public static int size(int cpus) {
    return POINTER_SIZE
        + HEADER_SIZE
        + cpus * PROCESSOR_SIZE
        + (GSI_COUNT + SINGLE_ENTRIES) * ENTRY_SIZE;
  }

  /**
   * The bytes that go to {@link io.jvmm.boot.MachineLayout#MP_TABLE}.
   *
   * @param cpus how many local APICs there are, with ids from 0
   */
  public static byte[] bytes(int cpus) {
    byte[] bytes = new byte[size(cpus)];
    ByteBuffer out = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    out.position(POINTER_SIZE + HEADER_SIZE);
    for (int id = 0; id < cpus; id++) {
      processor(out, id);
    }
    bus(out);
    ioapic(out);
    for (int input = 0; input < GSI_COUNT; input++) {
      interrupt(out, IO_INTERRUPT, TYPE_INT, input, IOAPIC_ID, input);
    }
    interrupt(out, LOCAL_INTERRUPT, TYPE_EXT_INT, 0, ALL_LOCAL_APICS, 0);
    interrupt(out, LOCAL_INTERRUPT, TYPE_NMI, 0, ALL_LOCAL_APICS, 1);
    header(out, bytes, cpus + GSI_COUNT + SINGLE_ENTRIES);
    pointer(out, bytes);
    return bytes;
  }

  private static void processor(ByteBuffer out, int id) {
    out.put((byte) PROCESSOR).put((byte) id).put((byte) LOCAL_APIC_VERSION);
    out.put((byte) (id == 0 ? ENABLED | BOOTSTRAP : ENABLED));
    out.putInt(0).putInt(FEATURE_FLAGS).putLong(0);
  }

  private static void bus(ByteBuffer out) {
    out.put((byte) BUS).put((byte) ISA);
    text(out, out.position(), "ISA   ");
    out.position(out.position() + 6);
  }

  private static void ioapic(ByteBuffer out) {
    out.put((byte) IO_APIC).put((byte) IOAPIC_ID).put((byte) IOAPIC_VERSION).put((byte) ENABLED);
    out.putInt((int) IOAPIC);
  }

  /** Flags of 0: polarity and trigger mode as the bus has them. */
  private static void interrupt(
      ByteBuffer out, int entry, int type, int irq, int apicId, int input) {
    out.put((byte) entry).put((byte) type).putShort((short) 0);
    out.put((byte) ISA).put((byte) irq).put((byte) apicId).put((byte) input);
  }

  private static void header(ByteBuffer out, byte[] bytes, int entryCount) {
    int at = POINTER_SIZE;
    text(out, at, "PCMP");
    out.putShort(at + 4, (short) (bytes.length - at));
    out.put(at + 6, (byte) SPECIFICATION_1_4);
    text(out, at + 8, "JVMM    ");
    text(out, at + 16, "MICROVM     ");
    out.putShort(at + 34, (short) entryCount);
    out.putInt(at + 36, (int) LOCAL_APIC);
    out.put(at + 7, checksum(bytes, at, bytes.length));
  }

  private static void pointer(ByteBuffer out, byte[] bytes) {
    text(out, 0, "_MP_");
    out.putInt(4, (int) MP_TABLE + POINTER_SIZE);
    out.put(8, (byte) (POINTER_SIZE / 16)); // in paragraphs
    out.put(9, (byte) SPECIFICATION_1_4);
    out.put(10, checksum(bytes, 0, POINTER_SIZE));
  }

  private static void text(ByteBuffer out, int at, String text) {
    for (int i = 0; i < text.length(); i++) {
      out.put(at + i, (byte) text.charAt(i));
    }
  }

  /** The byte that makes the sum of all bytes 0. */
  private static byte checksum(byte[] bytes, int from, int to) {
    int sum = 0;
    for (int i = from; i < to; i++) {
      sum += bytes[i];
    }
    return (byte) -sum;
  }
}
