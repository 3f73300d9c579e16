package io.jvmm.devices.p9;

import org.jspecify.annotations.Nullable;

/**
 * A file that the driver has walked to, held by a descriptor: it stays the same file whatever
 * happens to its name. Shared by all fids that came from one. One that was not used for long may be
 * without its descriptor ({@link HeldNodes}); those of a request have theirs.
 *
 * <p>Threads: the share's; of a request's fids, what they are is its worker's too.
 */
final class Node {
  /** {@link #fd}: it was let go. */
  static final int NOT_HELD = -1;

  /** Of this process's memory, with what others keep for one, and without its name. */
  private static final int BYTES = 160;

  private int fd;
  private final Qid qid;
  private final @Nullable Node parent;
  private final byte[] name;
  private int uses;

  /** How many that were found below it are held; what is held has its directory held. */
  private int heldBelow;

  // Of HeldNodes.
  private int heldAt;
  private boolean isTouched = true;
  private boolean isBusy;
  private @Nullable Node nextDropped;

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
    if (parent != null) {
      parent.heldBelow++;
    }
  }

  int fd() {
    return fd;
  }

  /** Holds it again. */
  void hold(int newFd) {
    fd = newFd;
    countInParent(1);
  }

  /** Its descriptor is closed. */
  void letGo() {
    fd = NOT_HELD;
    countInParent(-1);
  }

  private void countInParent(int more) {
    if (parent != null) {
      parent.heldBelow += more;
    }
  }

  boolean isHeld() {
    return fd != NOT_HELD;
  }

  /** As it was when it was walked to; its version may be another by now. */
  Qid qid() {
    return qid;
  }

  boolean isDirectory() {
    return qid.type() == P9.QTDIR;
  }

  boolean isRoot() {
    return parent == null;
  }

  @Nullable Node parent() {
    return parent;
  }

  /** The directory it was found in; of the root the root. */
  Node above() {
    return parent == null ? this : parent;
  }

  byte[] name() {
    return name;
  }

  /** About how much memory of this process's it takes. */
  int bytes() {
    return BYTES + name.length;
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

  /** Whether it may do without its descriptor; one that was used lately may the next time. */
  boolean canBeLetGo() {
    boolean wasTouched = isTouched;
    isTouched = false;
    return !wasTouched && !isBusy && heldBelow == 0 && parent != null;
  }

  void setTouched() {
    isTouched = true;
  }

  void setBusy(boolean busy) {
    isBusy = busy;
  }

  int heldAt() {
    return heldAt;
  }

  void setHeldAt(int index) {
    heldAt = index;
  }

  @Nullable Node nextDropped() {
    return nextDropped;
  }

  void setNextDropped(@Nullable Node next) {
    nextDropped = next;
  }
}
