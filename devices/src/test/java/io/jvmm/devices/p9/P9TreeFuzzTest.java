package io.jvmm.devices.p9;

import io.jvmm.virtio.fuzz.Corpus;
import io.jvmm.virtio.fuzz.FuzzInput;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The same calls, chosen by the fuzzer, in a shared folder and in another one by Linux itself.
 *
 * <p>What must hold: both do the same, with the same errors, and both folders are the same at the
 * end. Files stay open while their names go, and the share holds so few nodes that fids are let go
 * and found again all the time.
 */
final class P9TreeFuzzTest {
  private static @Nullable TwinTrees made;

  @Test
  void theCorpusDoesNoHarm() throws IOException {
    Corpus.replay("P9Tree", P9TreeFuzzTest::fuzzerTestOneInput);
  }

  /** The fuzzer's entry. */
  public static void fuzzerTestOneInput(byte[] bytes) {
    try {
      trees().run(new FuzzInput(bytes));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static synchronized TwinTrees trees() throws IOException {
    TwinTrees trees = made;
    if (trees == null) {
      trees = new TwinTrees();
      made = trees;
    }
    return trees;
  }
}
