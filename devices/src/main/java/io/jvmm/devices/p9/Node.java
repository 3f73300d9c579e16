package io.jvmm.devices.p9;

import org.jspecify.annotations.Nullable;

/**
 * A file that the driver has walked to, held by a descriptor: it stays the same file whatever
 * happens to its name. Shared by all fids that came from one.
 *
 * <p>Threads: counted on the I/O thread; what is final is anybody's who has a fid of it.
 */
final class Node {
  private final int fd;
  private final Qid qid;
  private final @Nullable Node parent;
  private final byte[] name;
  private int uses;

  /**
   * Used by one.
   *
   * @param fd becomes the node's
   * @param parent the directory it was found in, whose use becomes this one's; null for the root
   * @param name under which it was found there
   */
  Node(int fd, Qid qid, @Nullable Node parent, byte[] name) {
    this.fd = fd;
    this.qid = qid;
    this.parent = parent;
    this.name = name;
    this.uses = 1;
  }

  int fd() {
    return fd;
  }

  /** As it was when it was walked to; its version may be another by now. */
  Qid qid() {
    return qid;
  }

  boolean isDirectory() {
    return qid.type() == P9.QTDIR;
  }

  /** Whether more than one uses it. */
  boolean isShared() {
    return uses > 1;
  }

  boolean isRoot() {
    return parent == null;
  }

  @Nullable Node parent() {
    return parent;
  }

  byte[] name() {
    return name;
  }

  /** One more uses it. */
  Node use() {
    uses++;
    return this;
  }

  /** Hears of nodes that nobody uses any more. */
  interface Unused {
    /** Its descriptor is to be closed. */
    void close(Node node);
  }

  /** One less uses it; with the last one it is closed, and perhaps its parents are. */
  void release(Unused unused) {
    Node node = this;
    while (node != null && --node.uses == 0) {
      unused.close(node);
      node = node.parent;
    }
  }
}
