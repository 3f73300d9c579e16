package io.jvmm.devices.p9;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.tree.OpenNode;
import io.jvmm.memory.IovecArray;
import java.lang.foreign.MemorySegment;

/**
 * Tread, Twrite and Tfsync. A file's bytes go straight between the host's page cache and the
 * driver's buffers.
 *
 * <p>Threads: the worker's.
 */
final class DataMessages {
  private final WorkerContext context;
  private final IovecArray data = new IovecArray(Request.BUFFERS_MAX);

  DataMessages(WorkerContext context) {
    this.context = context;
  }

  /**
   * Tread: fid[4] offset[8] count[4]; Rread: count[4] data[count].
   *
   * @return bytes of data that lie in the driver's buffers already, or {@code -errno}
   */
  int read(CallState state, Request request) {
    MessageReader in = context.in;
    in.u32();
    long offset = in.u64();
    long count = Integer.toUnsignedLong(in.u32());
    Fid fid = request.fid();
    long room = Math.min(request.writable().byteCount(), request.msize()) - P9.DATA_HEADER_SIZE;
    if (in.isBroken() || offset < 0 || room < 0) {
      return -Errno.EINVAL;
    }
    data.clear();
    data.addFrom(request.writable(), P9.DATA_HEADER_SIZE, Math.min(count, room));
    ExtendedAttribute attribute = fid.attribute();
    if (attribute != null) {
      return readAttribute(attribute, offset);
    }
    if (!fid.isOpen()) {
      return -Errno.EBADF;
    }
    long done = 0;
    while (data.byteCount() > 0) {
      long n = OpenNode.tryRead(state, fid.open(), data.address(), data.count(), offset + done);
      if (n == -Errno.EINTR) {
        continue;
      }
      if (n <= 0) {
        return done > 0 ? (int) done : (int) n;
      }
      done += n;
      request.setDataBytes((int) done);
      data.advance(n);
    }
    return (int) done;
  }

  private int readAttribute(ExtendedAttribute attribute, long offset) {
    if (attribute.isForWriting()) {
      return -Errno.EBADF;
    }
    int length = attribute.value().length;
    if (offset >= length) {
      return 0;
    }
    int wanted = (int) Math.min(length - offset, data.byteCount());
    return data.copyFrom(MemorySegment.ofArray(attribute.value()), offset, wanted);
  }

  /** Twrite: fid[4] offset[8] count[4] data[count]; Rwrite: count[4]. */
  int write(CallState state, Request request) {
    MessageReader in = context.in;
    in.u32();
    long offset = in.u64();
    long count = Integer.toUnsignedLong(in.u32());
    Fid fid = request.fid();
    IovecArray message = request.readable();
    if (in.isBroken() || offset < 0 || count > message.byteCount() - P9.IO_HEADER_SIZE) {
      return -Errno.EINVAL;
    }
    data.clear();
    data.addFrom(message, P9.IO_HEADER_SIZE, count);
    ExtendedAttribute attribute = fid.attribute();
    if (attribute != null) {
      return writeAttribute(attribute, offset, (int) count);
    }
    if (!fid.isOpen()) {
      return -Errno.EBADF;
    }
    int error = context.share.programBits().clear(state, context, fid);
    if (error != 0) {
      return error;
    }
    long done = 0;
    while (data.byteCount() > 0) {
      long n = OpenNode.tryWrite(state, fid.open(), data.address(), data.count(), offset + done);
      if (n == -Errno.EINTR) {
        continue;
      }
      if (n <= 0) {
        if (done == 0) {
          return (int) n;
        }
        break; // what was written is told; why no more, with the next one
      }
      done += n;
      data.advance(n);
    }
    request.setDataBytes((int) done);
    context.out.begin().u32((int) done);
    return 0;
  }

  private int writeAttribute(ExtendedAttribute attribute, long offset, int count) {
    if (!attribute.isForWriting()) {
      return -Errno.EBADF;
    }
    int length = attribute.value().length;
    if (offset > length || count > length - offset) {
      return -Errno.ERANGE;
    }
    data.copyTo(MemorySegment.ofArray(attribute.value()), offset, count);
    context.out.begin().u32(count);
    return 0;
  }

  /** Tfsync: fid[4] datasync[4]. */
  int sync(CallState state, Request request) {
    MessageReader in = context.in;
    in.u32();
    boolean dataOnly = in.u32() != 0; // not sent by drivers before Linux 3.3: the whole then
    Fid fid = request.fid();
    if (!fid.isOpen()) {
      return -Errno.EBADF;
    }
    context.out.begin();
    return (int) OpenNode.trySync(state, fid.open(), dataOnly);
  }
}
