package io.jvmm.vmm.cli;

import io.jvmm.devices.p9.ShareOptions;

/**
 * A shared folder as people write it: {@code DIR:TAG[,ro][,owner=guest|jvmm]}. The path may have
 * colons: the last one is what ends it.
 */
final class ShareText {
  private static final String FORM = "DIR:TAG[,ro][,owner=guest|jvmm]";

  private ShareText() {}

  /**
   * Reads it.
   *
   * @throws UsageException naming the place
   */
  static ShareOptions parse(String text, String place) {
    int colon = text.lastIndexOf(':');
    if (colon <= 0) {
      throw wrong(text, place);
    }
    String path = text.substring(0, colon);
    int comma = text.indexOf(',', colon);
    String tag = text.substring(colon + 1, comma < 0 ? text.length() : comma);
    if (!ShareOptions.isTag(tag)) {
      throw wrong(text, place);
    }
    boolean readOnly = false;
    ShareOptions.Ownership ownership = ShareOptions.Ownership.NONE;
    while (comma >= 0) {
      int next = text.indexOf(',', comma + 1);
      String word = text.substring(comma + 1, next < 0 ? text.length() : next);
      switch (word) {
        case "ro" -> readOnly = true;
        case "owner=guest" -> ownership = ShareOptions.Ownership.PASSTHROUGH;
        case "owner=jvmm" -> ownership = ShareOptions.Ownership.NONE;
        default ->
            throw new UsageException(place + ": '" + word + "' is not ro or owner=guest|jvmm");
      }
      comma = next;
    }
    return new ShareOptions(path, tag, readOnly, ownership);
  }

  private static UsageException wrong(String text, String place) {
    return new UsageException(place + ": '" + text + "' is not " + FORM);
  }
}
