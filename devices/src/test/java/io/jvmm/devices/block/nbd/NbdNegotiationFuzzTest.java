package io.jvmm.devices.block.nbd;

import io.jvmm.devices.block.DiskException;
import io.jvmm.virtio.fuzz.Corpus;
import io.jvmm.virtio.fuzz.FuzzInput;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

/**
 * A server whose first words are the fuzzer's. They are an export that can be worked with, or a
 * refusal; nothing else is thrown, and a server that does not come to an end is asked for no more
 * than it sends.
 */
final class NbdNegotiationFuzzTest {
  private static final NbdTarget PLAIN = NbdTarget.parse("nbd://localhost/export");

  @Test
  void theCorpusDoesNoHarm() throws IOException {
    Corpus.replay("NbdNegotiation", NbdNegotiationFuzzTest::fuzzerTestOneInput);
  }

  /** The fuzzer's entry. */
  public static void fuzzerTestOneInput(byte[] bytes) {
    FuzzInput input = new FuzzInput(bytes);
    boolean greeted = input.bool();
    try (NbdNegotiation negotiation = new NbdNegotiation(PLAIN)) {
      if (greeted) {
        greet(negotiation, input);
      }
      while (input.hasMore()) {
        switch (negotiation.next()) {
          case SEND -> negotiation.sent(1 + input.below((int) negotiation.output().byteSize()));
          case RECEIVE -> receive(negotiation.input(), negotiation, input);
          case START_TLS -> throw new AssertionError("TLS that was not asked for");
          case DONE -> {
            check(negotiation.export());
            return;
          }
        }
      }
    } catch (DiskException e) {
      // It was refused.
    }
  }

  /** As every server begins, so that the fuzzer need not find the magic numbers. */
  private static void greet(NbdNegotiation negotiation, FuzzInput input) {
    MemorySegment to = negotiation.input();
    to.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, Long.reverseBytes(NbdProtocol.INIT_MAGIC));
    to.set(ValueLayout.JAVA_LONG_UNALIGNED, 8, Long.reverseBytes(NbdProtocol.OPTION_MAGIC));
    to.set(ValueLayout.JAVA_SHORT_UNALIGNED, 16, Short.reverseBytes((short) input.below(4)));
    negotiation.received(18);
  }

  /** Any bytes, or, where a reply fits, one with the right magic number. */
  private static void receive(MemorySegment to, NbdNegotiation negotiation, FuzzInput input) {
    int kind = input.below(4);
    if (kind > 0 && to.byteSize() == 20) {
      long magic = NbdProtocol.OPTION_REPLY_MAGIC;
      to.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, Long.reverseBytes(magic));
      to.set(ValueLayout.JAVA_INT_UNALIGNED, 8, Integer.reverseBytes(NbdProtocol.OPT_GO));
      int type = input.bool() ? input.below(10) : input.i32();
      to.set(ValueLayout.JAVA_INT_UNALIGNED, 12, Integer.reverseBytes(type));
      int length = kind == 1 ? input.i32() : input.below(20);
      to.set(ValueLayout.JAVA_INT_UNALIGNED, 16, Integer.reverseBytes(length));
      negotiation.received(20);
      return;
    }
    int n = 1 + input.below((int) to.byteSize());
    for (int i = 0; i < n; i++) {
      to.set(ValueLayout.JAVA_BYTE, i, (byte) input.u8());
    }
    negotiation.received(n);
  }

  private static void check(NbdExport export) {
    int block = export.blockSize();
    if (export.size() <= 0
        || export.size() % block != 0
        || Integer.bitCount(block) != 1
        || export.payloadMax() < block
        || export.payloadMax() % block != 0
        || export.payloadMax() > NbdExport.PAYLOAD_DEFAULT) {
      throw new AssertionError("nobody can work with " + export);
    }
    export.limits(); // checks itself
  }
}
