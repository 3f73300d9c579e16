package io.jvmm.boot;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A kernel's command line, put together piece by piece. Text from outside is checked as it comes
 * in; whether the whole is too long is known when the kernel is.
 *
 * <p>Threads: belongs to the one that builds it.
 */
public final class CommandLine {
  /**
   * What a kernel is told unless the caller replaces it: the serial console; to reboot at once
   * after a panic, which ends the machine; and that one serial port is all, so that no more are
   * probed.
   */
  public static final String DEFAULTS = "console=ttyS0 panic=-1 8250.nr_uarts=1";

  /** And that there is no PCI bus to search for, where there is none. */
  public static final String NO_PCI = "pci=off";

  /**
   * And where there is one, that it is not to be searched early by way of ports which it does not
   * have: that is 64 exits.
   */
  public static final String NO_EARLY_PCI = "pci=noearly";

  private final StringBuilder text = new StringBuilder();

  /** An empty line. */
  public CommandLine() {}

  /** A line of {@link #DEFAULTS}. */
  public static CommandLine withDefaults() {
    return new CommandLine().add(DEFAULTS);
  }

  /**
   * Adds words at the end.
   *
   * @param words one or more, parted by blanks
   * @throws BootException where there is a NUL or another control character, which a kernel would
   *     end its line at or split a word by
   */
  public CommandLine add(String words) {
    for (int i = 0; i < words.length(); i++) {
      char c = words.charAt(i);
      if (c < ' ' || c == 0x7F) {
        throw new BootException(
            "kernel command line: character "
                + (i + 1)
                + " of \""
                + printable(words)
                + "\" is a control character (0x"
                + Integer.toHexString(c)
                + ")");
      }
    }
    if (!words.isEmpty()) {
      if (!text.isEmpty()) {
        text.append(' ');
      }
      text.append(words);
    }
    return this;
  }

  /**
   * Whether the kernel is told to leave ACPI alone: the last {@code acpi=} before a {@code --} is
   * {@code off}. Blanks between double quotes do not end a word.
   */
  boolean turnsAcpiOff() {
    boolean off = false;
    for (String word : kernelWords()) {
      if (word.startsWith("acpi=")) {
        off = word.equals("acpi=off");
      }
    }
    return off;
  }

  /**
   * Whether the kernel is told of something without which it finds no PCI bus here: ACPI, PCI
   * itself or message-signalled interrupts turned off.
   */
  public boolean turnsPciOff() {
    boolean off = turnsAcpiOff();
    for (String word : kernelWords()) {
      if (word.startsWith("pci=")) {
        String options = "," + word.substring("pci=".length()) + ",";
        off |= options.contains(",off,") || options.contains(",nomsi,");
      }
    }
    return off;
  }

  /** The words before a {@code --}, what follows being init's. */
  private List<String> kernelWords() {
    List<String> words = new ArrayList<>();
    boolean quoted = false;
    int start = 0;
    for (int i = 0; i <= text.length(); i++) {
      char c = i < text.length() ? text.charAt(i) : ' ';
      if (c == '"') {
        quoted = !quoted;
      }
      if (c != ' ' || (quoted && i < text.length())) {
        continue;
      }
      String word = text.substring(start, i);
      if (word.equals("--")) {
        break;
      }
      words.add(word);
      start = i + 1;
    }
    return words;
  }

  /**
   * The bytes for the guest, a final NUL included.
   *
   * <p>A kernel that was told {@code acpi=off} does not see the DSDT, so it is told of the
   * virtio-mmio devices here, before all else (behind a {@code --} words are init's). Any other is
   * not: it would find each device twice, and fail on the second.
   *
   * @param lengthMax the longest line that the kernel takes, the NUL left out
   * @throws BootException where the line is longer
   */
  byte[] bytes(List<VirtioMmioSlot> slots, int lengthMax) {
    StringBuilder whole = new StringBuilder();
    if (turnsAcpiOff()) {
      for (int i = 0; i < slots.size(); i++) {
        announce(whole, slots.get(i));
      }
    }
    byte[] line = whole.append(text).append('\0').toString().getBytes(StandardCharsets.UTF_8);
    int length = line.length - 1;
    if (length > lengthMax) {
      throw new BootException(
          "kernel command line: has " + length + " bytes, this kernel takes at most " + lengthMax);
    }
    return line;
  }

  private static void announce(StringBuilder line, VirtioMmioSlot slot) {
    line.append("virtio_mmio.device=4K@0x").append(Long.toHexString(slot.gpa()));
    line.append(':').append(slot.gsi()).append(' ');
  }

  private static String printable(String words) {
    StringBuilder shown = new StringBuilder();
    for (int i = 0; i < words.length(); i++) {
      char c = words.charAt(i);
      shown.append(c < ' ' || c == 0x7F ? '?' : c);
    }
    return shown.toString();
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
