package io.jvmm.devices.p9;

import io.jvmm.host.CallState;
import io.jvmm.host.tree.NodeCalls;

/** What becomes of a descriptor that was just found below a directory. */
final class Found {
  private Found() {}

  /** Makes it the walk's next step, under the context's name; closes it where that fails. */
  static int take(CallState state, WorkerContext context, WalkedPath path, int fd) {
    int error = context.askKind(state, fd);
    if (error != 0) {
      NodeCalls.close(state, fd);
      return error;
    }
    path.add(fd, context.qid(), context.name.toBytes());
    return 0;
  }
}
