package io.jvmm.devices.p9;

import io.jvmm.host.CallState;
import io.jvmm.host.tree.DirectoryEntries;
import io.jvmm.host.tree.FileStatus;
import io.jvmm.host.tree.NodeCalls;
import io.jvmm.host.tree.NodeName;
import io.jvmm.host.tree.TreeCalls;

/**
 * What one worker has at hand for whatever message comes.
 *
 * <p>Threads: the worker's.
 */
final class WorkerContext {
  final Share share;
  final TreeCalls tree = new TreeCalls(false);
  final NodeCalls nodes = new NodeCalls();
  final FileStatus status = new FileStatus();
  final NodeName name = new NodeName(NodeName.NAME_MAX);
  final NodeName secondName = new NodeName(NodeName.NAME_MAX);
  final DirectoryEntries entries = new DirectoryEntries();
  final MessageReader in = new MessageReader();
  final MessageWriter out = new MessageWriter(MessageWriter.CAPACITY);

  WorkerContext(Share share) {
    this.share = share;
  }

  boolean isReadOnly() {
    return share.options().readOnly();
  }

  boolean isPassthrough() {
    return share.options().ownership() == ShareOptions.Ownership.PASSTHROUGH;
  }

  /** Asks what a descriptor holds; 0, or {@code -errno}, and then {@link #status} is old. */
  int ask(CallState state, int node) {
    return (int) nodes.tryStatus(state, node, status);
  }

  /** Of what {@link #status} says. */
  Qid qid() {
    return Qid.of(status, share.paths());
  }
}
