package io.jvmm.devices.p9;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.tree.RecordLock;

/**
 * Tlock and Tgetlock: locks between guests, and with programs of the host.
 *
 * <p>Threads: the worker's.
 */
final class LockMessages {
  private final WorkerContext context;
  private final RecordLock lock = new RecordLock();

  LockMessages(WorkerContext context) {
    this.context = context;
  }

  /**
   * Tlock: fid[4] type[1] flags[4] start[8] length[8] proc_id[4] client_id[s]; Rlock: status[1].
   */
  int lock(CallState state, Request request) {
    MessageReader in = context.in;
    in.u32();
    int type = in.u8();
    in.u32(); // whether it waits: it asks again itself
    long start = in.u64();
    long length = in.u64();
    int process = in.u32();
    int error = whyNot(request.fid(), type, start, length);
    if (error != 0) {
      return error;
    }
    long last = length == 0 ? LockedFile.END : start + length - 1;
    GuestLocks locks = context.share.locks();
    int result =
        type == P9.LOCK_TYPE_UNLCK
            ? locks.giveBack(state, request.fid(), process, start, last)
            : locks.take(state, request.fid(), process, type == P9.LOCK_TYPE_WRLCK, start, last);
    boolean isTaken = result == -Errno.EAGAIN || result == -Errno.EACCES;
    if (result < 0 && !isTaken) {
      return result;
    }
    context.out.begin().u8(isTaken ? P9.LOCK_BLOCKED : P9.LOCK_SUCCESS);
    return 0;
  }

  /**
   * Tgetlock: fid[4] type[1] start[8] length[8] proc_id[4] client_id[s]; Rgetlock: the same less
   * the fid, of what is in the way, or of no lock.
   */
  int ask(CallState state, Request request) {
    MessageReader in = context.in;
    in.u32();
    int type = in.u8();
    long start = in.u64();
    long length = in.u64();
    int process = in.u32();
    int error = whyNot(request.fid(), type, start, length);
    if (error != 0) {
      return error;
    }
    // Linux names no kind (fs/9p/vfs_file.c): then whatever is in the way of writing is told.
    int kind = type == P9.LOCK_TYPE_RDLCK ? RecordLock.F_RDLCK : RecordLock.F_WRLCK;
    lock.set(kind, start, length);
    error = context.share.locks().ask(state, request.fid(), lock);
    if (error != 0) {
      return error;
    }
    context
        .out
        .begin()
        .u8(guestType(lock.type()))
        .u64(lock.start())
        .u64(lock.length())
        .u32(process)
        .u16(0); // whose it is nobody says
    return 0;
  }

  private int whyNot(Fid fid, int type, long start, long length) {
    boolean isRange = start >= 0 && length >= 0 && (length == 0 || start + (length - 1) >= 0);
    if (context.in.isBroken() || type > P9.LOCK_TYPE_UNLCK || !isRange) {
      return -Errno.EINVAL;
    }
    return fid.isOpen() ? 0 : -Errno.EBADF;
  }

  private static int guestType(int type) {
    return switch (type) {
      case RecordLock.F_RDLCK -> P9.LOCK_TYPE_RDLCK;
      case RecordLock.F_WRLCK -> P9.LOCK_TYPE_WRLCK;
      default -> P9.LOCK_TYPE_UNLCK;
    };
  }
}
