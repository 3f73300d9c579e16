package io.jvmm.devices.p9;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.tree.DirectoryEntries;
import io.jvmm.host.tree.FileStatus;
import io.jvmm.host.tree.OpenNode;

/**
 * Treaddir: a directory's entries from a cookie on. Cookies are the host's file system's own, which
 * keep their meaning while entries come and go.
 *
 * <p>Threads: the worker's.
 */
final class DirectoryMessages {
  /** Of an entry, beside its name: {@code qid[13] offset[8] type[1] name[s]}. */
  private static final int ENTRY_SIZE = P9.QID_SIZE + 8 + 1 + 2;

  private static final int KIND_SHIFT = 12;

  private final WorkerContext context;

  DirectoryMessages(WorkerContext context) {
    this.context = context;
  }

  /** Treaddir: fid[4] offset[8] count[4]; Rreaddir: count[4] entries. */
  int read(CallState state, Request request) {
    MessageReader in = context.in;
    in.u32();
    long cookie = in.u64();
    long count = Integer.toUnsignedLong(in.u32());
    Fid fid = request.fid();
    long room = Math.min(request.writable().byteCount(), request.msize()) - P9.DATA_HEADER_SIZE;
    if (in.isBroken() || room < 0 || cookie < 0) {
      return -Errno.EINVAL;
    }
    if (!fid.isOpen() || fid.attribute() != null) {
      return -Errno.EBADF;
    }
    int most = (int) Math.min(Math.min(count, room), MessageWriter.CAPACITY - 64);
    MessageWriter out = context.out.begin().u32(0);
    int error;
    synchronized (fid) { // its position is one for all who read it
      error = fill(state, fid, cookie, out, P9.DATA_HEADER_SIZE + most);
    }
    out.setU32(P9.HEADER_SIZE, out.position() - P9.DATA_HEADER_SIZE);
    return out.position() > P9.DATA_HEADER_SIZE ? 0 : error;
  }

  /** Answers why there is no more, which is 0 at the end. */
  private int fill(CallState state, Fid fid, long cookie, MessageWriter out, int end) {
    int fd = fid.open();
    if (fid.cookie() != cookie) {
      long at = OpenNode.trySeek(state, fd, cookie);
      if (at < 0) {
        return (int) at;
      }
      fid.setCookie(cookie);
    }
    long device = context.share.paths().rootDevice();
    if (context.share.hasMounts() && context.ask(state, fd) == 0) {
      device = context.status.device();
    }
    DirectoryEntries entries = context.entries;
    long n;
    // An entry of the host's is about as long as the driver's: what is read ahead is little.
    while ((n = OpenNode.tryList(state, fd, entries, end - out.position())) > 0) {
      while (entries.next()) {
        if (out.position() + ENTRY_SIZE + entries.nameLength() > end) {
          fid.setCookie(-1); // the descriptor stands further on
          return -Errno.EINVAL;
        }
        put(out, entries, fid, device);
        fid.setCookie(entries.cookie());
      }
    }
    return (int) n;
  }

  private void put(MessageWriter out, DirectoryEntries entries, Fid fid, long device) {
    // What is above on the host may be outside by now.
    long path =
        entries.isDotDot()
            ? fid.node().above().qid().path()
            : context.share.paths().of(device, entries.inode());
    int length = entries.nameLength();
    int type = context.ownership.listedType(entries.type());
    out.u8(Qid.type(type << KIND_SHIFT & FileStatus.S_IFMT)).u32(0).u64(path);
    out.u64(entries.cookie()).u8(type).u16(length);
    out.name(entries, length);
  }
}
