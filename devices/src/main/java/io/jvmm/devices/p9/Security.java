package io.jvmm.devices.p9;

import io.jvmm.host.process.EffectiveUser;

/** Whose files a guest makes on the host, and what becomes of their modes and special files. */
public enum Security {
  /**
   * The guest's users' by number, with the modes that the guest gives them: this process must be
   * root. Device files are not made, since the host would open them.
   */
  PASSTHROUGH("passthrough"),

  /**
   * This process's, with modes that are for nobody else. What the guest gives them is kept in
   * extended attributes, in the format that QEMU has for it, and shown to guests again. Symbolic
   * links and special files are regular files on the host.
   */
  MAPPED_XATTR("mapped-xattr"),

  /** This process's, with the modes that the guest gives them; its owners are forgotten. */
  NONE("none");

  private final String text;

  Security(String text) {
    this.text = text;
  }

  /** As the option {@code security=} has it. */
  public String text() {
    return text;
  }

  /** Whether files have access control lists, whose numbers are the guest's users. */
  public boolean hasAccessLists() {
    return this != NONE;
  }

  /** What a share has where nobody says: {@link #PASSTHROUGH} for root, {@link #NONE} else. */
  public static Security usual() {
    return EffectiveUser.isRoot() ? PASSTHROUGH : NONE;
  }
}
