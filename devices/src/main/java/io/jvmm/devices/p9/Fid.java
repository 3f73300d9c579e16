package io.jvmm.devices.p9;

import org.jspecify.annotations.Nullable;

/**
 * What one number of the driver's stands for: a file, which may be open, or an extended attribute.
 *
 * <p>A request that changes it has it alone: the session sees to that, so that no two workers meet
 * here where it matters.
 *
 * <p>Threads: the share's, and the worker of a request that uses it.
 */
final class Fid {
  private static final int NOT_OPEN = -1;

  private final int number;
  private final int uid;
  private Node node;
  private int open = NOT_OPEN;
  private int flags;

  /** Where the next entry of an open directory is read, as far as is known. */
  private long cookie;

  /** What {@link ProgramBits} knew when it last saw to this one's file. */
  private int bitsCleared;

  private @Nullable LockedFile locks;

  private @Nullable ExtendedAttribute attribute;

  // The share's thread.
  private int users;
  private boolean isAlone;
  private boolean isGone;

  /**
   * @param uid whose files it makes
   * @param node whose use is this fid's
   */
  Fid(int number, int uid, Node node) {
    this.number = number;
    this.uid = uid;
    this.node = node;
  }

  int number() {
    return number;
  }

  int uid() {
    return uid;
  }

  Node node() {
    return node;
  }

  /** Becomes another file: the one that was made in this directory. */
  void setNode(Node newNode) {
    node = newNode;
  }

  boolean isOpen() {
    return open != NOT_OPEN;
  }

  /** The descriptor that it is read and written by. */
  int open() {
    return open;
  }

  int flags() {
    return flags;
  }

  void setOpen(int fd, int newFlags) {
    open = fd;
    flags = newFlags;
    cookie = 0;
  }

  void setClosed() {
    open = NOT_OPEN;
  }

  long cookie() {
    return cookie;
  }

  void setCookie(long next) {
    cookie = next;
  }

  /** The file that locks were taken of by this. */
  @Nullable LockedFile locks() {
    return locks;
  }

  void setLocks(LockedFile file) {
    locks = file;
  }

  int bitsCleared() {
    return bitsCleared;
  }

  void setBitsCleared(int known) {
    bitsCleared = known;
  }

  @Nullable ExtendedAttribute attribute() {
    return attribute;
  }

  void setAttribute(ExtendedAttribute newAttribute) {
    attribute = newAttribute;
  }

  /**
   * The share's thread: one more request; false where another one has it alone, or this wants to.
   */
  boolean tryUse(boolean alone) {
    if (isAlone || (alone && users > 0)) {
      return false;
    }
    users++;
    isAlone = alone;
    return true;
  }

  /** The share's thread: one less; true where it was the last. */
  boolean endUse() {
    users--;
    isAlone = false;
    return users == 0;
  }

  boolean isUsed() {
    return users > 0;
  }

  /** The share's thread: its number is not its own any more. */
  void setGone() {
    isGone = true;
  }

  boolean isGone() {
    return isGone;
  }
}
