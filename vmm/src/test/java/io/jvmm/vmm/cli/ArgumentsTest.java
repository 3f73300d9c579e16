package io.jvmm.vmm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ArgumentsTest {
  private static Settings parse(String line) {
    return Arguments.parse(line.isEmpty() ? new String[0] : line.split(" ", -1));
  }

  private static String refusal(String line) {
    return String.valueOf(assertThrows(UsageException.class, () -> parse(line)).getMessage());
  }

  @ParameterizedTest
  @EnumSource(CommandOption.class)
  void everyOptionIsUnderstoodWithEqualsAndWithout(CommandOption option) {
    if (option.needsValue()) {
      assertEquals("v", parse(option.flag() + " v").get(option));
      assertEquals("v=w", parse(option.flag() + "=v=w").get(option));
      assertEquals("", parse(option.flag() + "=").get(option));
    } else {
      assertEquals("", parse(option.flag()).get(option));
    }
  }

  @Test
  void whatWasNotGivenIsMissing() {
    Settings settings = parse("--quiet");
    assertFalse(settings.has(CommandOption.MEM));
    assertNull(settings.get(CommandOption.MEM));
    assertEquals("512M", settings.get(CommandOption.MEM, "512M"));
  }

  @Test
  void disksKeepTheirOrder() {
    assertEquals(List.of("a", "b,ro", "c"), parse("--disk a --disk=b,ro --disk c").disks());
  }

  @Test
  void aValueMayBeginWithDashesWhereItIsNoOption() {
    assertEquals(
        "-- single",
        Arguments.parse(new String[] {"--cmdline", "-- single"}).get(CommandOption.CMDLINE));
    assertEquals("--foo", parse("--cmdline --foo").get(CommandOption.CMDLINE));
  }

  @Test
  void statsTakesItsFormAfterEqualsAlone() {
    assertEquals("json", parse("--stats=json --quiet").get(CommandOption.STATS));
    assertEquals("", parse("--stats --quiet").get(CommandOption.STATS));
    assertTrue(refusal("--stats json").contains("unexpected argument 'json'"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--krenel x        | unknown option --krenel; did you mean --kernel?",
        "--memory 1G       | unknown option --memory; did you mean --mem?",
        "-kernel x         | unknown option -kernel; did you mean --kernel?",
        "--cpu 2           | unknown option --cpu; did you mean --cpus?",
        "--cmdlineonly x   | unknown option --cmdlineonly; did you mean --cmdline-only?",
        "--frobnicate      | unknown option --frobnicate",
        "--                | unknown option --",
        "-x                | unknown option -x",
        "vmlinux           | unexpected argument 'vmlinux' (a kernel is named by --kernel FILE)",
        "help              | unexpected argument 'help'; did you mean --help?",
        "--kernel          | --kernel needs a value: FILE",
        "--kernel --quiet  | --kernel needs a value: FILE",
        "--mem --cpus=2    | --mem needs a value: SIZE",
        "--quiet=yes       | --quiet takes no value",
        "--help=me         | --help takes no value",
        "--cpus 1 --cpus 1 | --cpus is given twice",
        "--quiet --quiet   | --quiet is given twice",
        "--rootfs a --rootfs=b | --rootfs is given twice",
      })
  void nonsenseGetsOneClearLine(String line, String text) {
    assertEquals(text, refusal(line));
  }

  @Test
  void distancesCountLettersChangedAddedLeftOutOrSwapped() {
    assertEquals(0, Unknown.distance("mem", "mem"));
    assertEquals(1, Unknown.distance("krenel", "kernel"));
    assertEquals(1, Unknown.distance("disc", "disk"));
    assertEquals(1, Unknown.distance("cpu", "cpus"));
    assertEquals(3, Unknown.distance("", "mem"));
    assertEquals(3, Unknown.distance("kitten", "sitting"));
  }
}
