package io.jvmm.devices.p9;

import java.util.ArrayList;
import java.util.List;

/**
 * Which of a guest's processes have which ranges of one file locked, and the descriptor by which
 * the host knows of it.
 *
 * <p>Threads: under the lock of {@link GuestLocks}.
 */
final class LockedFile {
  /** The last byte of a lock to all ends. */
  static final long END = Long.MAX_VALUE;

  /**
   * One range.
   *
   * @param process the guest's number of it
   * @param fid by which it was taken
   * @param last byte of it
   */
  record Held(int process, Fid fid, boolean forWriting, long first, long last) {
    boolean isWhole() {
      return first == 0 && last == END;
    }

    boolean meets(long from, long to) {
      return first <= to && from <= last;
    }
  }

  private final long path;
  private final int fd;
  private final List<Held> all = new ArrayList<>();

  /**
   * @param fd becomes its own
   */
  LockedFile(long path, int fd) {
    this.path = path;
    this.fd = fd;
  }

  long path() {
    return path;
  }

  int fd() {
    return fd;
  }

  int count() {
    return all.size();
  }

  /** Adds one that the host has granted. Who else had what it excludes has it no more. */
  void add(Held taken) {
    for (int i = all.size() - 1; i >= 0; i--) {
      Held held = all.get(i);
      boolean excludes = taken.forWriting() || held.forWriting();
      if (excludes || isSame(held, taken.process(), taken.fid(), taken.isWhole())) {
        cut(i, taken.first(), taken.last());
      }
    }
    all.add(taken);
  }

  /** A process gives a range back. */
  void remove(int process, Fid fid, long first, long last) {
    boolean isWhole = first == 0 && last == END;
    for (int i = all.size() - 1; i >= 0; i--) {
      if (isSame(all.get(i), process, fid, isWhole)) {
        cut(i, first, last);
      }
    }
  }

  /**
   * Ranges are their process's, by whichever descriptor. Whole files are what {@code flock(2)}
   * takes, whose locks are the descriptor's.
   */
  private static boolean isSame(Held held, int process, Fid fid, boolean isWhole) {
    return held.process() == process && (held.fid() == fid || !(isWhole && held.isWhole()));
  }

  /** All of a fid: it is clunked. */
  void remove(Fid fid) {
    all.removeIf(held -> held.fid() == fid);
  }

  private void cut(int at, long first, long last) {
    Held held = all.get(at);
    if (!held.meets(first, last)) {
      return;
    }
    all.remove(at);
    if (held.first() < first) {
      all.add(part(held, held.first(), first - 1));
    }
    if (held.last() > last) {
      all.add(part(held, last + 1, held.last()));
    }
  }

  private static Held part(Held of, long first, long last) {
    return new Held(of.process(), of.fid(), of.forWriting(), first, last);
  }

  /** Where what is held from a byte on begins to be held otherwise; {@link #END} if nowhere. */
  long sameUpTo(long from, long limit) {
    long last = limit;
    for (Held held : all) {
      if (held.first() > from) {
        last = Math.min(last, held.first() - 1);
      } else if (held.last() >= from) {
        last = Math.min(last, held.last());
      }
    }
    return last;
  }

  boolean isHeld(long at, boolean forWriting) {
    for (Held held : all) {
      if (held.meets(at, at) && (held.forWriting() || !forWriting)) {
        return true;
      }
    }
    return false;
  }
}
