package io.jvmm.devices.p9;

/**
 * What of a shared folder a guest may keep in its own memory: what jvmm tells it to mount with.
 * What each mode promises is what Linux 6.1's client makes of it; the server is the same for all.
 */
public enum CacheMode {
  /**
   * Nothing: every read, write and look at a status goes to the host, and sees what others did. A
   * file cannot be mapped shared and writable.
   */
  NONE("none"),

  /**
   * As {@link #NONE}, and files can be mapped shared and writable: what was written that way
   * reaches the host with {@code msync}, {@code munmap} or the end of the program. The default.
   */
  MMAP("mmap"),

  /**
   * Data, statuses and names: the host is asked once. Only where nobody else changes the folder
   * while it is mounted. What was written reaches the host when the guest's kernel writes it back:
   * after {@code fsync}, {@code sync}, half a minute, or when the folder is unmounted.
   */
  LOOSE("loose");

  /** What Linux' virtio transport takes at most: 125 pages. */
  private static final int MSIZE = 512_000;

  private final String text;

  CacheMode(String text) {
    this.text = text;
  }

  /** As the option {@code cache=} has it, of jvmm and of Linux alike. */
  public String text() {
    return text;
  }

  /**
   * What Linux is to mount with, for {@code mount -o} or {@code rootflags=}. A lock that somebody
   * else has is asked for again each second, not each half minute.
   *
   * @param acls whether files have access control lists that the guest keeps to
   */
  public String mountOptions(boolean acls) {
    return "trans=virtio,version=9p2000.L,access=client,locktimeout=1,msize="
        + MSIZE
        + ",cache="
        + text
        + (acls ? ",posixacl" : "");
  }
}
