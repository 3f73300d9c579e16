package io.jvmm.boot.acpi;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Resource descriptors of one device (ACPI 6.4, 6.4), for its {@code _CRS}. */
final class Resources {
  /** Room for the few that a device here has. */
  private static final int CAPACITY = 64;

  private static final int IO_PORT = 0x47; // small item 8, seven bytes
  private static final int DECODE_16 = 1;
  private static final int MEMORY_32_FIXED = 0x86;
  private static final int READ_WRITE = 1;
  private static final int WORD_ADDRESS_SPACE = 0x88;
  private static final int DWORD_ADDRESS_SPACE = 0x87;
  private static final int SPACE_MEMORY = 0;
  private static final int SPACE_BUS = 2;
  private static final int PRODUCER_MIN_MAX_FIXED = 0x0C;
  private static final int EXTENDED_INTERRUPT = 0x89;
  private static final int CONSUMER_EDGE_HIGH_EXCLUSIVE = 0x03;
  private static final int END_TAG = 0x79;

  private final byte[] bytes = new byte[CAPACITY];
  private final ByteBuffer out = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);

  /** {@code IO (Decode16, port, port, 1, count)}. */
  Resources ports(int port, int count) {
    out.put((byte) IO_PORT).put((byte) DECODE_16);
    out.putShort((short) port).putShort((short) port);
    out.put((byte) 1).put((byte) count);
    return this;
  }

  /** {@code Memory32Fixed (ReadWrite, gpa, length)}. */
  Resources memory(long gpa, int length) {
    out.put((byte) MEMORY_32_FIXED).putShort((short) 9).put((byte) READ_WRITE);
    out.putInt((int) gpa).putInt(length);
    return this;
  }

  /** {@code WordBusNumber (ResourceProducer, MinFixed, MaxFixed, PosDecode, …)}. */
  Resources busNumbers(int first, int last) {
    out.put((byte) WORD_ADDRESS_SPACE).putShort((short) 13);
    out.put((byte) SPACE_BUS).put((byte) PRODUCER_MIN_MAX_FIXED).put((byte) 0);
    out.putShort((short) 0).putShort((short) first).putShort((short) last);
    out.putShort((short) 0).putShort((short) (last - first + 1));
    return this;
  }

  /**
   * {@code DWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed, NonCacheable, ReadWrite,
   * …)}: what a bridge hands down.
   */
  Resources memoryWindow(long gpa, int length) {
    out.put((byte) DWORD_ADDRESS_SPACE).putShort((short) 23);
    out.put((byte) SPACE_MEMORY).put((byte) PRODUCER_MIN_MAX_FIXED).put((byte) READ_WRITE);
    out.putInt(0).putInt((int) gpa).putInt((int) gpa + length - 1);
    out.putInt(0).putInt(length);
    return this;
  }

  /** {@code Interrupt (ResourceConsumer, Edge, ActiveHigh, Exclusive) {gsi}}. */
  Resources interrupt(int gsi) {
    out.put((byte) EXTENDED_INTERRUPT).putShort((short) 6);
    out.put((byte) CONSUMER_EDGE_HIGH_EXCLUSIVE).put((byte) 1);
    out.putInt(gsi);
    return this;
  }

  /** The descriptors and an end tag, whose checksum of 0 means "take it as right". */
  byte[] bytes() {
    int length = out.position();
    byte[] template = Arrays.copyOf(bytes, length + 2);
    template[length] = END_TAG;
    return template;
  }
}
