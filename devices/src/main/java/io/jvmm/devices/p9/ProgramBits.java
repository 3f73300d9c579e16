package io.jvmm.devices.p9;

import io.jvmm.host.CallState;
import io.jvmm.host.tree.FileStatus;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Takes the setuid and setgid bits away from a program that another than root writes to, as Linux
 * does: a guest's kernel leaves that to the server of a file system of this kind. A file that has
 * none is asked for them once, and again only when the guest has given some file such bits.
 *
 * <p>Threads: any.
 */
final class ProgramBits {
  private static final int SET_USER = 04000;
  private static final int SET_GROUP = 02000;
  private static final int RUN_BY_GROUP = 010;
  private static final int PERMISSIONS = 07777;

  /** How often the guest has given such bits, or a fid's 0: it was not asked yet. */
  private final AtomicInteger given = new AtomicInteger(1);

  /** The guest has set a file's permissions. */
  void wereSet(int mode) {
    if ((mode & (SET_USER | SET_GROUP)) != 0) {
      given.incrementAndGet();
    }
  }

  /** Hot: before a fid's file is written to; 0 or {@code -errno}. */
  int clear(CallState state, WorkerContext context, Fid fid) {
    int now = given.get(); // before the file is asked: what comes later is seen the next time
    return fid.uid() == 0 || fid.bitsCleared() == now ? 0 : clear(state, context, fid, now);
  }

  private static int clear(CallState state, WorkerContext context, Fid fid, int now) {
    int node = fid.node().fd();
    int error = context.ask(state, node);
    if (error != 0) {
      return error;
    }
    int mode = context.status.mode();
    int cleared = cleared(mode);
    if (cleared != mode) {
      error = context.ownership.setMode(state, node, cleared & PERMISSIONS);
    }
    if (error == 0) {
      fid.setBitsCleared(now);
    }
    return error;
  }

  /** Where the group does not run it, setgid says something else. */
  private static int cleared(int mode) {
    if ((mode & FileStatus.S_IFMT) != FileStatus.S_IFREG) {
      return mode;
    }
    int bits = (mode & RUN_BY_GROUP) != 0 ? SET_USER | SET_GROUP : SET_USER;
    return mode & ~bits;
  }
}
