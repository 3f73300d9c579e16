package io.jvmm.devices.p9;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.tree.FileStatus;
import io.jvmm.host.tree.FileSystemStatus;
import io.jvmm.host.tree.NodeCalls;
import io.jvmm.host.tree.NodeName;
import io.jvmm.host.tree.OpenFlags;
import io.jvmm.host.tree.OpenNode;
import java.lang.foreign.MemorySegment;

/**
 * What a file is and says of itself: Tgetattr, Tsetattr, Treadlink, Tstatfs.
 *
 * <p>Threads: the worker's.
 */
final class AttributeMessages {
  private static final int PERMISSIONS = 07777;
  private static final int UNCHANGED = -1;

  private final WorkerContext context;
  private final FileSystemStatus fileSystem = new FileSystemStatus();

  AttributeMessages(WorkerContext context) {
    this.context = context;
  }

  /** Tgetattr: fid[4] request_mask[8]; Rgetattr: valid[8] qid[13] and what stat has. */
  int get(CallState state, Request request) {
    int error = context.ask(state, request.fid().node().fd());
    if (error != 0) {
      return error;
    }
    FileStatus is = context.status;
    context
        .out
        .begin()
        .u64(P9.GETATTR_BASIC | P9.GETATTR_BTIME)
        .qid(context.qid())
        .u32(is.mode())
        .u32(is.uid())
        .u32(is.gid())
        .u64(Integer.toUnsignedLong(is.links()))
        .u64(is.deviceNumber())
        .u64(is.size())
        .u64(is.blockSize())
        .u64(is.blocks())
        .u64(is.accessSeconds())
        .u64(is.accessNanos())
        .u64(is.modificationSeconds())
        .u64(is.modificationNanos())
        .u64(is.changeSeconds())
        .u64(is.changeNanos())
        .u64(is.birthSeconds())
        .u64(is.birthNanos())
        .u64(0) // generation
        .u64(0); // data version
    return 0;
  }

  /** Tsetattr: fid[4] valid[4] mode[4] uid[4] gid[4] size[8], times of access and modification. */
  int set(CallState state, Request request) {
    MessageReader in = context.in;
    in.u32();
    int valid = in.u32();
    int mode = in.u32() & PERMISSIONS;
    int uid = in.u32();
    int gid = in.u32();
    long size = in.u64();
    long accessSeconds = in.u64();
    long accessNanos = in.u64();
    long modificationSeconds = in.u64();
    long modificationNanos = in.u64();
    if (in.isBroken()) {
      return -Errno.EINVAL;
    }
    if (context.isReadOnly()) {
      return -Errno.EROFS;
    }
    Fid fid = request.fid();
    int node = fid.node().fd();
    int error = 0;
    if ((valid & P9.SETATTR_SIZE) != 0) {
      error = setSize(state, fid, size);
    }
    if (error == 0 && (valid & (P9.SETATTR_UID | P9.SETATTR_GID)) != 0) {
      int toUid = (valid & P9.SETATTR_UID) != 0 ? uid : UNCHANGED;
      int toGid = (valid & P9.SETATTR_GID) != 0 ? gid : UNCHANGED;
      error = context.ownership.setOwner(state, node, toUid, toGid);
    }
    if (error == 0 && (valid & P9.SETATTR_MODE) != 0) {
      error = context.ownership.setMode(state, node, mode); // an owner's change takes bits away
      context.share.programBits().wereSet(mode);
    }
    if (error == 0 && (valid & (P9.SETATTR_ATIME | P9.SETATTR_MTIME)) != 0) {
      long access = nanos(valid, P9.SETATTR_ATIME, P9.SETATTR_ATIME_SET, accessNanos);
      long modified = nanos(valid, P9.SETATTR_MTIME, P9.SETATTR_MTIME_SET, modificationNanos);
      error =
          (int)
              context.nodes.trySetTimes(
                  state, node, accessSeconds, access, modificationSeconds, modified);
    }
    context.out.begin();
    return error;
  }

  private int setSize(CallState state, Fid fid, long size) {
    if (size < 0) {
      return -Errno.EFBIG;
    }
    boolean isWritable = fid.isOpen() && (fid.flags() & OpenFlags.O_ACCMODE) != OpenFlags.O_RDONLY;
    return (int)
        (isWritable // which holds also where permissions have changed since
            ? OpenNode.trySetSize(state, fid.open(), size)
            : context.nodes.trySetSize(state, fid.node().fd(), size));
  }

  private static long nanos(int valid, int changes, int isGiven, long given) {
    if ((valid & changes) == 0) {
      return NodeCalls.UTIME_OMIT;
    }
    return (valid & isGiven) == 0 ? NodeCalls.UTIME_NOW : given;
  }

  /** Treadlink: fid[4]; Rreadlink: target[s]. */
  int readLink(CallState state, Request request) {
    MemorySegment place = context.place();
    int node = request.fid().node().fd();
    int n = context.ownership.readLink(state, node, place.address(), NodeName.TARGET_MAX);
    if (n < 0) {
      return n;
    }
    context.out.begin().u16(n).bytes(place, n);
    return 0;
  }

  /** Tstatfs: fid[4]; Rstatfs: what statfs has. */
  int fileSystem(CallState state, Request request) {
    int error = (int) context.nodes.tryFileSystem(state, request.fid().node().fd(), fileSystem);
    if (error != 0) {
      return error;
    }
    context
        .out
        .begin()
        .u32((int) fileSystem.type())
        .u32((int) fileSystem.blockSize())
        .u64(fileSystem.blocks())
        .u64(fileSystem.freeBlocks())
        .u64(fileSystem.availableBlocks())
        .u64(fileSystem.files())
        .u64(fileSystem.freeFiles())
        .u64(fileSystem.id())
        .u32((int) fileSystem.nameMax());
    return 0;
  }
}
