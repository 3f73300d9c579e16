package io.jvmm.vmm;

import io.jvmm.devices.p9.ShareOptions;

/**
 * The word of the kernel's command line by which a guest learns how to mount a share: {@code
 * jvmm.share=TAG:OPTIONS}. The kernel leaves it to user space.
 */
final class ShareWord {
  private ShareWord() {}

  /** Appends a space and the word. A tag that is no plain name has none: it is mounted by hand. */
  static void append(StringBuilder line, ShareOptions share) {
    if (isPlain(share.tag())) {
      line.append(" jvmm.share=").append(share.tag()).append(share.readOnly() ? ":ro," : ":");
      line.append(share.mountOptions());
    }
  }

  /** Appends the words by which the kernel itself mounts a share as its root file system. */
  static void appendRoot(StringBuilder line, ShareOptions share) {
    line.append(" root=").append(share.tag());
    line.append(" rootfstype=9p rootflags=").append(share.mountOptions());
    line.append(share.readOnly() ? " ro" : " rw");
  }

  /** Whether it can be a word's part and a directory's name. */
  static boolean isPlain(String tag) {
    for (int i = 0; i < tag.length(); i++) {
      char c = tag.charAt(i);
      boolean isLetter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      boolean isPlain = isLetter || (c >= '0' && c <= '9') || c == '-' || c == '_';
      if (!isPlain && !(c == '.' && i > 0)) {
        return false;
      }
    }
    return true;
  }
}
