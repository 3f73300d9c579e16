package io.jvmm.devices.p9;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.tree.FileStatus;

/** Gives what was made its owner and its permissions, in this order: the first takes some away. */
final class Ownership {
  private Ownership() {}

  /**
   * Of a file that is held by a descriptor, made with no permission for others.
   *
   * @return 0 or {@code -errno}
   */
  static int give(CallState state, WorkerContext context, int node, int uid, int gid, int mode) {
    int error = setOwner(state, context, node, uid, gid);
    return error != 0 ? error : (int) context.nodes.trySetMode(state, node, mode);
  }

  /** Where files are to be this process's, giving them away does nothing. */
  static int setOwner(CallState state, WorkerContext context, int node, int uid, int gid) {
    return context.isPassthrough() ? (int) context.nodes.trySetOwner(state, node, uid, gid) : 0;
  }

  /** A directory takes its group's bit from the one it is made in. */
  static int keepGroupBit(WorkerContext context, int mode) {
    return mode | (context.status.mode() & 02000);
  }

  /** Whether a kind of special file may be made; devices may not: the host would open them. */
  static int whyNotMade(int mode, long device) {
    int kind = mode & FileStatus.S_IFMT;
    boolean isWhiteout = kind == FileStatus.S_IFCHR && device == 0; // an overlay's
    return (kind == FileStatus.S_IFCHR || kind == FileStatus.S_IFBLK) && !isWhiteout
        ? -Errno.EPERM
        : 0;
  }
}
