package io.jvmm.devices.p9;

import io.jvmm.virtio.fuzz.Corpus;
import io.jvmm.virtio.fuzz.FuzzInput;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * A driver that sends messages as the fuzzer says, in chains of buffers cut anywhere, many at once.
 *
 * <p>What must hold: nothing is thrown on the loop, every chain is answered once, a reply is whole,
 * of a tag that is under way, no longer than there is room for, and says nothing of what lies
 * outside the folder; nothing is written beside the buffers; a new version leaves no fid behind;
 * outside the folder nothing changes.
 */
final class P9MessagesFuzzTest {
  private static final int MAX_STEPS = 100;
  private static final int REPLY_ROOM = 0x4000;
  private static @Nullable FuzzedShare made;

  @Test
  void theCorpusDoesNoHarm() throws IOException {
    Corpus.replay("P9Messages", P9MessagesFuzzTest::fuzzerTestOneInput);
  }

  /** The fuzzer's entry. */
  public static void fuzzerTestOneInput(byte[] bytes) {
    try {
      FuzzedShare share = share();
      share.begin();
      run(share, new FuzzInput(bytes));
      share.end();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static synchronized FuzzedShare share() throws IOException {
    FuzzedShare share = made;
    if (share == null) {
      share = new FuzzedShare();
      made = share;
    }
    return share;
  }

  private static void run(FuzzedShare share, FuzzInput input) {
    for (int i = 0; i < MAX_STEPS && input.hasMore(); i++) {
      if (share.isFull() || input.below(8) == 0) {
        share.exchange();
      }
      int room = input.below(8) == 0 ? input.below(40) : REPLY_ROOM;
      share.post(FuzzedMessage.next(input), 1 + input.below(3), room);
    }
  }
}
