package io.jvmm.vmm.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ConsoleWatchTest {
  private static final int PIPE = 64;

  @Test
  @Timeout(60)
  void newsOfDisksWaitForNobodyWhoReadsThem() throws Exception {
    PipedOutputStream out = new PipedOutputStream();
    // The reader's end closes first: whoever still writes holds the lock that closing err needs.
    try (PrintStream err = new PrintStream(out, true, UTF_8);
        PipedInputStream in = new PipedInputStream(out, PIPE)) {
      ConsoleWatch watch = new ConsoleWatch(err);
      for (int i = 0; i < 10 * NewsPrinter.LINES_MAX; i++) {
        watch.diskNews("disk nbd://server/data is back " + i);
      }
      BufferedReader reader = new BufferedReader(new InputStreamReader(in, UTF_8), PIPE);
      for (int i = 0; i < NewsPrinter.LINES_MAX; i++) {
        assertEquals("jvmm: disk nbd://server/data is back " + i, reader.readLine());
      }
    }
  }
}
