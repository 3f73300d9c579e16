package io.jvmm.devices.balloon;

import io.jvmm.devices.driver.FuzzedDevice;
import io.jvmm.virtio.fuzz.Corpus;
import io.jvmm.virtio.fuzz.FuzzInput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The balloon under a driver that does as the fuzzer says, and a host that changes its mind. */
final class BalloonFuzzTest {
  private static final List<Balloon> MADE = new ArrayList<>();
  private static final FuzzedDevice DEVICE =
      new FuzzedDevice(
              loop -> {
                MADE.add(new Balloon(loop));
                return MADE.getFirst();
              },
              BalloonFuzzTest::host)
          .takingMemory();

  private static void host(FuzzInput input) {
    MADE.getFirst().setTarget(input.u8() * 4096L);
  }

  @Test
  void theCorpusDoesNoHarm() throws IOException {
    Corpus.replay("Balloon", BalloonFuzzTest::fuzzerTestOneInput);
  }

  /** The fuzzer's entry. */
  public static void fuzzerTestOneInput(byte[] bytes) {
    DEVICE.run(bytes);
  }
}
