package io.jvmm.vmm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.host.SyscallException;
import io.jvmm.vmm.MachineConfig;
import io.jvmm.vmm.json.JsonException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ConfigFileTest {
  private static Settings parse(String json) {
    return ConfigFile.parse("vm.json", json.getBytes(StandardCharsets.UTF_8));
  }

  private static String refusal(String json) {
    return String.valueOf(assertThrows(RuntimeException.class, () -> parse(json)).getMessage());
  }

  @Test
  void aWholeMachineIsRead() {
    Settings settings =
        parse(
            """
            {"kernel": "vmlinux", "initrd": "i", "rootfs": "r,ro", "disk": ["a", "b,ro"],
             "cpus": 2, "mem": "1G", "cmdline": "debug", "console": "none", "quiet": true,
             "name": "web", "entry": "linux", "stats": "json", "timeline": "t.svg"}
            """);
    MachineConfig config = MachineSettings.config(settings);
    assertEquals(2, config.cpus());
    assertEquals(1L << 30, config.memoryBytes());
    assertEquals(List.of("a", "b,ro"), settings.disks());
    assertEquals("json", settings.get(CommandOption.STATS));
    assertTrue(config.quiet());
  }

  @ParameterizedTest
  @EnumSource(CommandOption.class)
  void everyOptionButThoseForPeopleIsAKey(CommandOption option) {
    String value =
        switch (option) {
          case DISK, NET, PMEM, PORT, SHARE -> "[\"x\"]";
          case QUIET, RNG, STATS, BALLOON -> "true";
          default -> "\"1\"";
        };
    String json = "{\"" + option.key() + "\": " + value + "}";
    boolean isForPeople =
        option == CommandOption.CONFIG
            || option == CommandOption.HELP
            || option == CommandOption.VERSION;
    if (isForPeople) {
      assertTrue(refusal(json).contains("unknown key"));
    } else {
      assertTrue(parse(json).has(option));
    }
  }

  @Test
  void numbersMayBeNumbersOrText() {
    assertEquals("512", parse("{\"mem\": 512}").get(CommandOption.MEM));
    assertEquals("512M", parse("{\"mem\": \"512M\"}").get(CommandOption.MEM));
    assertEquals("2", parse("{\"cpus\": \"2\"}").get(CommandOption.CPUS));
  }

  @Test
  void falseIsAsIfNothingWereSaid() {
    assertFalse(parse("{\"quiet\": false}").has(CommandOption.QUIET));
    assertFalse(parse("{\"stats\": false}").has(CommandOption.STATS));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"kernal\": \"x\"}  | vm.json:1:2: unknown key \"kernal\"; did you mean \"kernel\"?",
        "{\"config\": \"x\"}  | vm.json:1:2: unknown key \"config\"",
        "{\"disk\": \"x\"}    | vm.json:1:10: a list is expected",
        "{\"kernel\": 1}      | vm.json:1:12: a string is expected",
        "{\"kernel\": null}   | vm.json:1:12: a string is expected",
        "{\"quiet\": \"yes\"} | vm.json:1:11: true or false is expected",
        "{\"mem\": 1, \"mem\": 2} | vm.json:1:12: mem is given twice",
        "{\"quiet\": false, \"quiet\": true} | vm.json:1:18: quiet is given twice",
        "[]                   | vm.json:1:1: an object is expected",
        "{} x                 | vm.json:1:4: nothing is expected after the value",
      })
  void whatIsWrongIsNamedWithItsPlace(String json, String text) {
    assertEquals(text, refusal(json));
  }

  @Test
  void aValueThatCannotBeUsedIsNamedWithItsPlace() {
    UsageException e =
        assertThrows(
            UsageException.class,
            () -> MachineSettings.config(parse("{\"kernel\": \"k\",\n \"mem\": \"lots\"}")));
    assertTrue(
        String.valueOf(e.getMessage()).startsWith("vm.json:2:2: mem: 'lots' is not a size"),
        e::getMessage);
  }

  @Test
  void theCommandLineWins() {
    Settings settings = Arguments.parse(new String[] {"--mem=1G", "--disk=mine"});
    settings.addMissing(parse("{\"mem\": \"2G\", \"cpus\": 3, \"disk\": [\"theirs\", \"too\"]}"));
    assertEquals("1G", settings.get(CommandOption.MEM));
    assertEquals("3", settings.get(CommandOption.CPUS));
    assertEquals(List.of("mine"), settings.disks());
    assertEquals("--mem", settings.place(CommandOption.MEM));
    assertEquals("vm.json:1:15: cpus", settings.place(CommandOption.CPUS));
  }

  @Test
  void oneKernelCommandLineReplacesTheOther() {
    Settings settings = Arguments.parse(new String[] {"--kernel=k", "--cmdline-only=mine"});
    settings.addMissing(parse("{\"cmdline\": \"theirs\"}"));
    assertEquals("mine", MachineSettings.config(settings).kernelCommandLine());
  }

  @Test
  void aFileIsRead(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("vm.json"), "{\"kernel\": \"é\"}");
    assertEquals("é", ConfigFile.read(file.toString()).get(CommandOption.KERNEL));
    Path empty = Files.writeString(folder.resolve("empty.json"), "");
    assertThrows(JsonException.class, () -> ConfigFile.read(empty.toString()));
  }

  @Test
  void aFileThatCannotBeReadIsRefused(@TempDir Path folder) {
    UsageException missing =
        assertThrows(UsageException.class, () -> ConfigFile.read(folder + "/none"));
    assertEquals("--config " + folder + "/none: no such file", missing.getMessage());
    assertThrows(SyscallException.class, () -> ConfigFile.read(folder.toString()));
    assertThrows(UsageException.class, () -> ConfigFile.read("/dev/null"));
  }
}
