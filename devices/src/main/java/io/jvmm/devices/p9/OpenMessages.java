package io.jvmm.devices.p9;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.tree.FileStatus;
import io.jvmm.host.tree.NodeCalls;
import io.jvmm.host.tree.OpenFlags;

/**
 * Tlopen and Tlcreate. Only regular files and directories are opened on the host: what a device, a
 * FIFO or a socket does is the guest's own affair.
 *
 * <p>Threads: the worker's.
 */
final class OpenMessages {
  /** What a guest may ask of the host's file; the rest means nothing here, or is ours. */
  private static final int OPEN_FLAGS =
      OpenFlags.O_ACCMODE
          | OpenFlags.O_TRUNC
          | OpenFlags.O_APPEND
          | OpenFlags.O_DSYNC
          | OpenFlags.O_SYNC
          | OpenFlags.O_DIRECTORY
          | OpenFlags.O_NOATIME;

  private static final int PERMISSIONS = 07777;

  /** Until it has its owner, nobody else's. */
  private static final int PRIVATE = 0600;

  private final WorkerContext context;

  OpenMessages(WorkerContext context) {
    this.context = context;
  }

  /** Tlopen: fid[4] flags[4]; Rlopen: qid[13] iounit[4]. */
  int open(CallState state, Request request) {
    MessageReader in = context.in;
    in.u32();
    int flags = in.u32() & OPEN_FLAGS;
    Fid fid = request.fid();
    if (in.isBroken() || fid.isOpen() || fid.attribute() != null) {
      return -Errno.EINVAL;
    }
    if (context.isReadOnly() && isWriting(flags)) {
      return -Errno.EROFS;
    }
    int node = fid.node().fd();
    int error = context.askKind(state, node);
    if (error != 0) {
      return error;
    }
    error = whyNotOpened(context.status.kind());
    if (error != 0) {
      return error;
    }
    long fd = open(state, node, flags);
    if (fd < 0) {
      return (int) fd;
    }
    fid.setOpen((int) fd, flags);
    context.out.begin().qid(context.qid()).u32(0);
    return 0;
  }

  /** Of a share that must not change, not even the time of the last access does. */
  private long open(CallState state, int node, int flags) {
    if (context.isReadOnly()) {
      long fd = context.nodes.tryOpen(state, node, flags | OpenFlags.O_NOATIME);
      if (fd != -Errno.EPERM) { // it is for a file's owner and for root
        return fd;
      }
    }
    long fd = context.nodes.tryOpen(state, node, flags);
    boolean refused = fd == -Errno.EPERM && (flags & OpenFlags.O_NOATIME) != 0;
    return refused ? context.nodes.tryOpen(state, node, flags & ~OpenFlags.O_NOATIME) : fd;
  }

  private static int whyNotOpened(int kind) {
    return switch (kind) {
      case FileStatus.S_IFREG, FileStatus.S_IFDIR -> 0;
      case FileStatus.S_IFLNK -> -Errno.ELOOP;
      default -> -Errno.ENXIO;
    };
  }

  private static boolean isWriting(int flags) {
    return (flags & OpenFlags.O_ACCMODE) != OpenFlags.O_RDONLY || (flags & OpenFlags.O_TRUNC) != 0;
  }

  /**
   * Tlcreate: fid[4] name[s] flags[4] mode[4] gid[4]; Rlcreate: qid[13] iounit[4]. The fid, which
   * was the directory's, becomes the file's.
   */
  int create(CallState state, Request request) {
    MessageReader in = context.in;
    in.u32();
    boolean fits = in.name(context.name);
    int wanted = in.u32();
    int mode = in.u32() & PERMISSIONS;
    int gid = in.u32();
    Fid fid = request.fid();
    if (in.isBroken() || fid.isOpen() || fid.attribute() != null) {
      return -Errno.EINVAL;
    }
    int error = Entries.whyNoName(context, fid.node(), context.name, fits);
    if (error != 0) {
      return error;
    }
    int flags = wanted & OPEN_FLAGS & ~OpenFlags.O_DIRECTORY;
    int directory = fid.node().fd();
    long fd = context.tree.tryCreate(state, directory, context.name, flags, PRIVATE);
    boolean isNew = fd >= 0;
    if (fd == -Errno.EEXIST && (wanted & OpenFlags.O_EXCL) == 0) {
      return openExisting(state, request, flags);
    }
    if (!isNew) {
      return (int) fd;
    }
    return finish(state, request, (int) fd, flags, mode, gid);
  }

  /** Somebody has made it first. */
  private int openExisting(CallState state, Request request, int flags) {
    Fid fid = request.fid();
    WalkedPath path = request.walked();
    int error = find(state, path, fid.node());
    if (error == 0) {
      error = whyNotOpened(context.status.kind());
    }
    long fd = error != 0 ? error : open(state, path.fd(), flags);
    if (fd < 0) {
      path.abandon(state);
      return (int) fd;
    }
    fid.setOpen((int) fd, flags);
    context.out.begin().qid(path.qid()).u32(0);
    return 0;
  }

  private int finish(CallState state, Request request, int fd, int flags, int mode, int gid) {
    Fid fid = request.fid();
    int error = context.complete(state, fid, fd, gid, FileStatus.S_IFREG | mode, 0);
    // Not found by its name, which may be another's by now.
    long node = error != 0 ? error : context.nodes.tryHold(state, fd);
    if (node < 0) {
      NodeCalls.close(state, fd);
      return (int) node;
    }
    WalkedPath path = request.walked();
    path.begin(fid.node());
    path.add((int) node, context.qid(), context.name.toBytes());
    fid.setOpen(fd, flags);
    context.out.begin().qid(path.qid()).u32(0);
    return 0;
  }

  /** One step from a directory, to what has the context's name. */
  private int find(CallState state, WalkedPath path, Node directory) {
    path.begin(directory);
    long fd = context.tree.tryFind(state, directory.fd(), context.name);
    return fd < 0 ? (int) fd : Found.take(state, context, path, (int) fd);
  }
}
