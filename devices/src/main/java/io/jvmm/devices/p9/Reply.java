package io.jvmm.devices.p9;

import io.jvmm.host.Errno;

/** The way of a reply into the driver's buffers, where it fits. */
final class Reply {
  private Reply() {}

  /** Whether a driver has room for a reply: what is not answered is not done either. */
  static boolean fits(Request request, int length) {
    return length <= Math.min(request.msize(), request.writable().byteCount());
  }

  /** All that the writer has. */
  static void send(MessageWriter out, Request request) {
    send(out, request, out.position(), out.position());
  }

  /**
   * What the writer has, before data that lie there already.
   *
   * @param written bytes of the writer
   * @param length of the whole reply
   */
  static void send(MessageWriter out, Request request, int written, int length) {
    if (!fits(request, length)) {
      error(out, request, Errno.EMSGSIZE);
      return;
    }
    out.end(request.type() + 1, request.tag(), length);
    request.writable().copyFrom(out.message(), 0, written);
    request.setReplyLength(length);
  }

  /** Rlerror: ecode[4]. A driver without room for it gets nothing. */
  static void error(MessageWriter out, Request request, int errno) {
    if (request.writable().byteCount() < P9.ERROR_SIZE) {
      request.setReplyLength(0);
      return;
    }
    out.begin().u32(errno);
    out.end(P9.TLERROR + 1, request.tag(), P9.ERROR_SIZE);
    request.writable().copyFrom(out.message(), 0, P9.ERROR_SIZE);
    request.setReplyLength(P9.ERROR_SIZE);
  }
}
