package io.jvmm.devices.p9;

import java.nio.charset.StandardCharsets;

/**
 * What is shared and how.
 *
 * @param path of a folder on the host
 * @param tag what the guest mounts it by: 1 to {@value #TAG_MAX} bytes
 * @param readOnly nothing of the folder's state changes, and guests get EROFS
 * @param ownership whose files a guest makes
 */
public record ShareOptions(String path, String tag, boolean readOnly, Ownership ownership) {
  /** Bytes of a tag; Linux shows no longer one. */
  public static final int TAG_MAX = 255;

  /** Whose files a guest makes on the host. */
  public enum Ownership {
    /** The guest's users' by number, as the guest says: this process must be root. */
    PASSTHROUGH,
    /** This process's; a guest that gives files away is told that it did. */
    NONE
  }

  /** Whether a tag may be this. */
  public static boolean isTag(String tag) {
    int length = tag.getBytes(StandardCharsets.UTF_8).length;
    return length > 0 && length <= TAG_MAX && tag.indexOf('\0') < 0;
  }

  /**
   * Checks the tag.
   *
   * @throws IllegalArgumentException where it is none
   */
  public ShareOptions {
    if (!isTag(tag)) {
      throw new IllegalArgumentException("share tag '" + tag + "'");
    }
  }
}
