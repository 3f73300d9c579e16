package io.jvmm.vmm.cli;

/** Sizes as people write them: {@code 512}, {@code 64M}, {@code 6G}. */
final class SizeText {
  private static final long KIB = 1024;

  private SizeText() {}

  /**
   * Bytes of a whole number with a suffix K, M, G or T (powers of 1024, either case, {@code iB} may
   * follow). A bare number is MiB, as for the {@code -m} of other VMMs.
   *
   * @param place names the option in errors
   * @throws UsageException where it is none, or more than a long holds
   */
  static long parse(String text, String place) {
    return parse(text, place, KIB * KIB);
  }

  /** As {@link #parse}, but a bare number is bytes: for what is no memory. */
  static long parseBytes(String text, String place) {
    return parse(text, place, 1);
  }

  private static long parse(String text, String place, long bareUnit) {
    int digits = 0;
    while (digits < text.length() && text.charAt(digits) >= '0' && text.charAt(digits) <= '9') {
      digits++;
    }
    long unit = digits == text.length() ? bareUnit : unit(text.substring(digits));
    if (digits == 0 || unit == 0) {
      throw new UsageException(
          place + ": '" + text + "' is not a size; write a whole number with K, M or G, as 512M");
    }
    long bytes = 0;
    try {
      for (int i = 0; i < digits; i++) {
        bytes = Math.addExact(Math.multiplyExact(bytes, 10L), text.charAt(i) - '0');
      }
      return Math.multiplyExact(bytes, unit);
    } catch (ArithmeticException e) {
      throw new UsageException(place + ": " + text + " is more than any machine has");
    }
  }

  private static long unit(String suffix) {
    return switch (suffix) {
      case "K", "k", "KiB" -> KIB;
      case "M", "m", "MiB" -> KIB * KIB;
      case "G", "g", "GiB" -> KIB * KIB * KIB;
      case "T", "t", "TiB" -> KIB * KIB * KIB * KIB;
      default -> 0;
    };
  }
}
