package io.jvmm.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandLineTest {
  private static final List<VirtioMmioSlot> TWO_SLOTS =
      List.of(new VirtioMmioSlot(0xD000_0000L, 5), new VirtioMmioSlot(0xD000_1000L, 6));

  @Test
  void wordsAreAddedWithABlankBetween() {
    assertEquals("a b=c d", new CommandLine().add("a").add("").add("b=c d").toString());
  }

  @Test
  void theDefaultsComeFirst() {
    assertEquals(
        CommandLine.DEFAULTS + " root=/dev/vda",
        CommandLine.withDefaults().add("root=/dev/vda").toString());
  }

  @Test
  void theGuestGetsTheTextAndAFinalNul() {
    assertEquals("quiet\0", text(new CommandLine().add("quiet"), List.of()));
  }

  @Test
  void textThatIsNotAsciiIsCountedInBytes() {
    CommandLine line = new CommandLine().add("äöü");
    assertEquals(7, line.bytes(List.of(), 6).length);
    Refusal.assertRefused(
        "has 6 bytes, this kernel takes at most 5", () -> line.bytes(List.of(), 5));
  }

  @Test
  void aLineAsLongAsTheKernelTakesIsTakenAndOneByteMoreIsRefused() {
    assertEquals(2048, new CommandLine().add("x".repeat(2047)).bytes(List.of(), 2047).length);
    Refusal.assertRefused(
        "kernel command line: has 2048 bytes, this kernel takes at most 2047",
        () -> new CommandLine().add("x".repeat(2048)).bytes(List.of(), 2047));
  }

  @ParameterizedTest
  @ValueSource(chars = {0, '\t', '\n', 0x1F, 0x7F})
  void controlCharactersAreRefused(char c) {
    String message = Refusal.message(() -> new CommandLine().add("quiet" + c + "ro"));
    assertEquals(
        "kernel command line: character 6 of \"quiet?ro\" is a control character (0x"
            + Integer.toHexString(c)
            + ")",
        message);
  }

  @Test
  void aKernelWithAcpiFindsTheDevicesInTheDsdtAlone() {
    assertEquals("quiet\0", text(new CommandLine().add("quiet"), TWO_SLOTS));
  }

  @Test
  void aKernelWithoutAcpiIsToldOfTheDevicesBeforeAllElse() {
    assertEquals(
        "virtio_mmio.device=4K@0xd0000000:5 virtio_mmio.device=4K@0xd0001000:6 acpi=off -- init\0",
        text(new CommandLine().add("acpi=off -- init"), TWO_SLOTS));
  }

  @Test
  void theDevicesCountAgainstTheLimit() {
    CommandLine line = new CommandLine().add("acpi=off");
    assertEquals(79, line.bytes(TWO_SLOTS, 78).length);
    Refusal.assertRefused("has 78 bytes", () -> line.bytes(TWO_SLOTS, 77));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"acpi=off", "ro acpi=off", "acpi=off ro", "acpi=force acpi=off", "  acpi=off  "})
  void acpiIsOff(String words) {
    assertTrue(new CommandLine().add(words).turnsAcpiOff());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "ro",
        "acpi=offf",
        "xacpi=off",
        "acpi=off acpi=force",
        "-- acpi=off",
        "x=\"a acpi=off b\"",
        "acpi=noirq"
      })
  void acpiIsOn(String words) {
    assertFalse(new CommandLine().add(words).turnsAcpiOff());
  }

  private static String text(CommandLine line, List<VirtioMmioSlot> slots) {
    return new String(line.bytes(slots, 2047), StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"acpi=off", "pci=off", "ro pci=noacpi,off", "pci=nomsi", "x=\"a b\" pci=off"})
  void somePeopleTurnPciOff(String words) {
    assertTrue(new CommandLine().add(words).turnsPciOff());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "pci=noearly", "xpci=off", "pci=offf", "-- pci=off", "x=\"a pci=off b\""})
  void othersDoNot(String words) {
    assertFalse(new CommandLine().add(words).turnsPciOff());
  }
}
