package io.jvmm.devices.pmem;

import io.jvmm.devices.driver.FuzzedDevice;
import io.jvmm.virtio.fuzz.Corpus;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Persistent memory under a driver that does as the fuzzer says. */
final class PmemFuzzTest {
  private static final FuzzedDevice DEVICE =
      new FuzzedDevice(loop -> new Pmem("image", 0x1_0800_0000L, 6 << 20, loop), input -> {});

  @Test
  void theCorpusDoesNoHarm() throws IOException {
    Corpus.replay("Pmem", PmemFuzzTest::fuzzerTestOneInput);
  }

  /** The fuzzer's entry. */
  public static void fuzzerTestOneInput(byte[] bytes) {
    DEVICE.run(bytes);
  }
}
