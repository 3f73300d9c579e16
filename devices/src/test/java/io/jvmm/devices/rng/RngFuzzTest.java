package io.jvmm.devices.rng;

import io.jvmm.devices.driver.FuzzedDevice;
import io.jvmm.virtio.fuzz.Corpus;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** The entropy device under a driver that does as the fuzzer says. */
final class RngFuzzTest {
  private static final FuzzedDevice DEVICE = new FuzzedDevice(Rng::new, input -> {});

  @Test
  void theCorpusDoesNoHarm() throws IOException {
    Corpus.replay("Rng", RngFuzzTest::fuzzerTestOneInput);
  }

  /** The fuzzer's entry. */
  public static void fuzzerTestOneInput(byte[] bytes) {
    DEVICE.run(bytes);
  }
}
