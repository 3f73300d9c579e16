package io.jvmm.devices.p9;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.tree.NodeCalls;

/**
 * Twalk: from one file of the driver's to another, a name a step. No symbolic link is followed,
 * which is the driver's affair, and nothing above the share's root is reached.
 *
 * <p>Threads: the worker's.
 */
final class WalkMessages {
  private final WorkerContext context;

  WalkMessages(WorkerContext context) {
    this.context = context;
  }

  /** Answers with as many qids as steps were possible; an error where not even the first was. */
  int walk(CallState state, Request request) {
    MessageReader in = context.in;
    in.u32(); // fid
    in.u32(); // newfid
    int steps = in.u16();
    if (in.isBroken() || steps > P9.WALK_MAX) {
      return -Errno.EINVAL;
    }
    MessageWriter out = context.out.begin().u16(0);
    WalkedPath path = request.walked();
    path.begin(request.fid().node());
    int done = 0;
    int error = 0;
    while (done < steps && (error = step(state, path)) == 0) {
      out.qid(path.qid());
      done++;
    }
    out.setU16(P9.HEADER_SIZE, done);
    if (done < steps) {
      path.abandon(state);
    }
    return done == 0 ? error : 0;
  }

  private int step(CallState state, WalkedPath path) {
    boolean fits = context.in.name(context.name);
    if (context.in.isBroken()) {
      return -Errno.EINVAL;
    }
    if (path.qid().type() != P9.QTDIR) {
      return -Errno.ENOTDIR;
    }
    if (!fits) {
      return -Errno.ENAMETOOLONG;
    }
    if (context.name.isDot()) {
      return 0;
    }
    if (context.name.isDotDot()) {
      return stepUp(state, path);
    }
    if (!context.name.isEntry()) {
      return -Errno.ENOENT;
    }
    long fd = context.tree.tryFind(state, path.fd(), context.name);
    if (fd < 0) {
      return (int) fd;
    }
    return Found.take(state, context, path, (int) fd);
  }

  /** Above the root is the root; elsewhere it is where the directory was found, and still is. */
  private int stepUp(CallState state, WalkedPath path) {
    if (path.canGoBack()) {
      path.back(state);
      return 0;
    }
    Node from = path.base();
    Node parent = from.parent();
    if (parent == null) {
      return 0;
    }
    long above = context.tree.tryFindParent(state, from.fd());
    if (above < 0) {
      return (int) above;
    }
    int error = context.askKind(state, (int) above);
    NodeCalls.close(state, (int) above);
    if (error != 0) {
      return error;
    }
    if (context.qid().path() != parent.qid().path()) {
      return -Errno.ESTALE; // the host has moved it, perhaps out of the share
    }
    path.up(parent);
    return 0;
  }
}
