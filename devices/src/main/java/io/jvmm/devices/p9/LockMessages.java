package io.jvmm.devices.p9;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.tree.RecordLock;

/**
 * Tlock and Tgetlock: locks between guests, and with programs of the host. Each open fid is an
 * owner of its own; those of one guest settle among themselves before they ask.
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
    int error = whyNot(request.fid(), type, start, length);
    if (error != 0) {
      return error;
    }
    lock.set(hostType(type), start, length);
    long result = lock.tryTake(state, request.fid().open());
    boolean isTaken = result == -Errno.EAGAIN || result == -Errno.EACCES;
    if (result < 0 && !isTaken) {
      return (int) result;
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
    lock.set(hostType(type), start, length);
    error = (int) lock.tryAsk(state, request.fid().open());
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
    if (context.in.isBroken() || type > P9.LOCK_TYPE_UNLCK || start < 0 || length < 0) {
      return -Errno.EINVAL;
    }
    return fid.isOpen() ? 0 : -Errno.EBADF;
  }

  private static int hostType(int type) {
    return switch (type) {
      case P9.LOCK_TYPE_RDLCK -> RecordLock.F_RDLCK;
      case P9.LOCK_TYPE_WRLCK -> RecordLock.F_WRLCK;
      default -> RecordLock.F_UNLCK;
    };
  }

  private static int guestType(int type) {
    return switch (type) {
      case RecordLock.F_RDLCK -> P9.LOCK_TYPE_RDLCK;
      case RecordLock.F_WRLCK -> P9.LOCK_TYPE_WRLCK;
      default -> P9.LOCK_TYPE_UNLCK;
    };
  }
}
