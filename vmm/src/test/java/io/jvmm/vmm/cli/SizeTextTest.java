package io.jvmm.vmm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SizeTextTest {
  @ParameterizedTest
  @CsvSource({
    "1, 1048576",
    "512, 536870912",
    "4K, 4096",
    "64k, 65536",
    "64M, 67108864",
    "64MiB, 67108864",
    "6G, 6442450944",
    "6g, 6442450944",
    "1T, 1099511627776",
    "0M, 0",
    "007K, 7168",
    "9007199254740991K, 9223372036854774784",
  })
  void aSizeIsAWholeNumberWithASuffixOrInMebibytes(String text, long bytes) {
    assertEquals(bytes, SizeText.parse(text, "--mem"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "M", "1.5G", "1,5G", "-1", "+1", "1 G", " 1", "1X", "1MB", "0x10", "1e3", "١"})
  void anythingElseIsRefused(String text) {
    UsageException e = assertThrows(UsageException.class, () -> SizeText.parse(text, "--mem"));
    assertEquals(
        "--mem: '" + text + "' is not a size; write a whole number with K, M or G, as 512M",
        e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"8796093022208", "9223372036854775808K", "99999999999999999999", "8388608T"})
  void moreThanALongHoldsIsRefused(String text) {
    UsageException e = assertThrows(UsageException.class, () -> SizeText.parse(text, "--mem"));
    assertTrue(String.valueOf(e.getMessage()).endsWith("is more than any machine has"));
  }
}
