package io.jvmm.devices.p9;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.tree.NodeCalls;
import io.jvmm.host.tree.OpenFlags;
import io.jvmm.host.tree.RecordLock;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The locks of a guest, which to the host is one owner: its processes settle among themselves, in
 * its own kernel, before it asks here. So a process that has a file open twice is not refused what
 * it has itself, and what one of two readers gives back is still the other's.
 *
 * <p>Threads: any; all of it under one lock, since locks are taken seldom.
 */
final class GuestLocks {
  /** Ranges at a time: each is this process's memory, and perhaps a lock of the host's. */
  static final int HELD_MAX = 8192;

  private final Map<Long, LockedFile> files = new HashMap<>();
  private final NodeCalls nodes = new NodeCalls();
  private final RecordLock lock = new RecordLock();
  private int held;

  /**
   * Takes a range for a process of the guest's.
   *
   * @param last byte of it
   * @return 0, {@code -EAGAIN} where another guest or the host has it, or {@code -errno}
   */
  synchronized int take(
      CallState state, Fid fid, int process, boolean forWriting, long first, long last) {
    if (held >= HELD_MAX) {
      return -Errno.ENOLCK;
    }
    LockedFile file = files.get(fid.node().qid().path());
    if (file == null) {
      long fd = open(state, fid);
      if (fd < 0) {
        return -Errno.ENOLCK;
      }
      file = new LockedFile(fid.node().qid().path(), (int) fd);
      files.put(file.path(), file);
    }
    int error = set(state, file, forWriting ? RecordLock.F_WRLCK : RecordLock.F_RDLCK, first, last);
    if (error == 0) {
      held -= file.count();
      file.add(new LockedFile.Held(process, fid, forWriting, first, last));
      held += file.count();
      fid.setLocks(file);
    }
    dropUnused(state, file);
    return error;
  }

  /** Its own, which outlives the fid's and can take both kinds of lock. */
  private long open(CallState state, Fid fid) {
    long fd = nodes.tryOpen(state, fid.node().fd(), OpenFlags.O_RDWR);
    return fd >= 0 ? fd : nodes.tryOpen(state, fid.node().fd(), OpenFlags.O_RDONLY);
  }

  private int set(CallState state, LockedFile file, int type, long first, long last) {
    lock.set(type, first, last == LockedFile.END ? 0 : last - first + 1);
    return (int) lock.tryTake(state, file.fd());
  }

  /** A process gives a range back; what others of the guest's have of it stays. */
  synchronized int giveBack(CallState state, Fid fid, int process, long first, long last) {
    LockedFile file = files.get(fid.node().qid().path());
    if (file == null) {
      return 0;
    }
    held -= file.count();
    file.remove(process, fid, first, last);
    held += file.count();
    int error = settle(state, file, first, last);
    dropUnused(state, file);
    return error;
  }

  /** A fid is clunked: nobody can give back what was taken by it. */
  synchronized void forget(CallState state, Fid fid) {
    LockedFile file = fid.locks();
    if (file == null || files.get(file.path()) != file) {
      return;
    }
    held -= file.count();
    file.remove(fid);
    held += file.count();
    settle(state, file, 0, LockedFile.END);
    dropUnused(state, file);
  }

  /** Tells the host what is still held of a range. */
  private int settle(CallState state, LockedFile file, long first, long last) {
    long at = first;
    while (true) {
      long to = file.sameUpTo(at, last);
      int type = RecordLock.F_UNLCK;
      if (file.isHeld(at, false)) {
        type = file.isHeld(at, true) ? RecordLock.F_WRLCK : RecordLock.F_RDLCK;
      }
      int error = set(state, file, type, at, to);
      if (error != 0 || to == last) {
        return error;
      }
      at = to + 1;
    }
  }

  private void dropUnused(CallState state, LockedFile file) {
    if (file.count() == 0) {
      files.remove(file.path());
      NodeCalls.close(state, file.fd());
    }
  }

  /**
   * Asks who else is in the way of a lock, which is then that one, or of type {@link
   * RecordLock#F_UNLCK}.
   */
  synchronized int ask(CallState state, Fid fid, RecordLock wanted) {
    @Nullable LockedFile file = files.get(fid.node().qid().path());
    return (int) wanted.tryAsk(state, file == null ? fid.open() : file.fd());
  }
}
