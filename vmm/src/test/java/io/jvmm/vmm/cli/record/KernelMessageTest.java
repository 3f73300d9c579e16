package io.jvmm.vmm.cli.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KernelMessageTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[    0.000000] Linux version 6.1.0 (x) | 0          | kernel's first words",
        "[    0.012345] Memory: 239M/262M       | 12345000   | memory counted",
        "[    0.1] x                            | -1         |",
        "[   12.345678] VFS: Mounted root (ext4 | 12345678000 | root file system mounted",
        "[    0.500000] Run /sbin/init as init  | 500000000  | init is executed",
        "[    0.500000] something else          | 500000000  |",
        "[12345.678901] x                       | 12345678901000 |",
      })
  void aStampedLineHasATimeAndPerhapsAMeaning(String line, long nanos, String label) {
    assertEquals(nanos, KernelMessage.stampNanos(line));
    KernelMessage message = KernelMessage.of(line);
    if (label == null) {
      assertNull(message);
    } else {
      assertEquals(new KernelMessage(label, nanos), message);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[",
        "[]",
        "[ ]",
        "x",
        "[  OK  ] Started",
        "[a.000000] x",
        "[ 1.000000",
        "[1.00 0000] x",
        "[1.0000000] x",
        "[1] x",
        "[.000000] x[",
        "[-1.000000] x",
        "[999999999999999999999.000000] x",
        "/ # [ 0.000000] Memory: "
      })
  void otherLinesAreLeftAlone(String line) {
    long nanos = KernelMessage.stampNanos(line);
    if (!line.startsWith("[.")) {
      assertEquals(-1, nanos, line);
    }
    assertNull(KernelMessage.of(line));
  }

  @Test
  void aMeaningIsFoundAtTheLinesBeginningAlone() {
    assertNull(KernelMessage.of("[    0.000001] foo: Memory: 1"));
  }
}
