package io.jvmm.devices.p9;

import org.jspecify.annotations.Nullable;

/**
 * The fids of a session by their numbers, which are any that the driver likes: open addressing, no
 * box.
 *
 * <p>Threads: the share's.
 */
final class FidTable {
  private static final int SMALLEST = 64;

  private @Nullable Fid[] slots = new Fid[SMALLEST];
  private int count;

  int count() {
    return count;
  }

  @Nullable Fid get(int number) {
    return slots[slot(number)];
  }

  /** The slot of a number, or the free one where it belongs. */
  private int slot(int number) {
    int mask = slots.length - 1;
    int at = spread(number) & mask;
    while (true) {
      Fid fid = slots[at];
      if (fid == null || fid.number() == number) {
        return at;
      }
      at = at + 1 & mask;
    }
  }

  /** Numbers that a driver counts up, or shifts, do not meet in one place. */
  private static int spread(int number) {
    int mixed = number * 0x9E3779B9;
    return mixed ^ mixed >>> 16;
  }

  /** Adds one whose number is free. */
  void put(Fid fid) {
    if (count * 2 >= slots.length) {
      grow();
    }
    slots[slot(fid.number())] = fid;
    count++;
  }

  private void grow() {
    @Nullable Fid[] old = slots;
    slots = new Fid[old.length * 2];
    for (Fid fid : old) {
      if (fid != null) {
        slots[slot(fid.number())] = fid;
      }
    }
  }

  /** Removes one that is there. */
  void remove(Fid fid) {
    int mask = slots.length - 1;
    int hole = slot(fid.number());
    slots[hole] = null;
    count--;
    // Those behind it, up to a free slot, may have been kept from their place by it.
    for (int at = hole + 1 & mask; ; at = at + 1 & mask) {
      Fid next = slots[at];
      if (next == null) {
        return;
      }
      slots[at] = null;
      slots[slot(next.number())] = next;
    }
  }

  /** Hears of fids. */
  interface Visitor {
    /** One of them. */
    void visit(Fid fid);
  }

  /** All of them, which stay. */
  void forEach(Visitor visitor) {
    for (Fid fid : slots) {
      if (fid != null) {
        visitor.visit(fid);
      }
    }
  }

  /** Removes all. */
  void clear(Visitor visitor) {
    forEach(visitor);
    slots = new Fid[SMALLEST];
    count = 0;
  }
}
