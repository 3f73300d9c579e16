package io.jvmm.devices.block;

import io.jvmm.devices.driver.FuzzedDevice;
import io.jvmm.virtio.fuzz.Corpus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** A disk of a small file under a driver that does as the fuzzer says. */
final class BlockFuzzTest {
  private static final int SECTORS = 64;
  private static final FuzzedDevice DEVICE =
      new FuzzedDevice(
          loop -> new Block(disk(), BlockOptions.DEFAULT.withQueues(2), loop), input -> {});

  private static BlockBackend disk() {
    try {
      Path image = Files.createTempFile("jvmm-fuzz", ".img");
      try {
        Files.write(image, new byte[SECTORS * 512]);
        return new InlineImage(RawFile.open(image.toString(), false));
      } finally {
        Files.delete(image); // open is enough
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void theCorpusDoesNoHarm() throws IOException {
    Corpus.replay("Block", BlockFuzzTest::fuzzerTestOneInput);
  }

  /** The fuzzer's entry. */
  public static void fuzzerTestOneInput(byte[] bytes) {
    DEVICE.run(bytes);
  }
}
