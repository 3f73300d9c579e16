package io.jvmm.devices.p9;

import io.jvmm.host.CallState;
import io.jvmm.host.tree.DirectoryEntries;
import io.jvmm.host.tree.FileStatus;
import io.jvmm.host.tree.NodeCalls;
import io.jvmm.host.tree.NodeName;
import io.jvmm.host.tree.TreeCalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * What one worker has at hand for whatever message comes.
 *
 * <p>Threads: the worker's.
 */
final class WorkerContext {
  final Share share;
  final TreeCalls tree;
  final NodeCalls nodes = new NodeCalls();
  final Ownership ownership;
  final FileStatus status = new FileStatus();
  final NodeName name = new NodeName(NodeName.NAME_MAX);
  final NodeName secondName = new NodeName(NodeName.NAME_MAX);
  final DirectoryEntries entries = new DirectoryEntries();
  final MessageReader in = new MessageReader();
  final MessageWriter out = new MessageWriter(MessageWriter.CAPACITY);

  private @Nullable MemorySegment place;

  WorkerContext(Share share) {
    this.share = share;
    this.ownership = Ownership.of(share.options());
    this.tree = share.newTree();
  }

  /** Where system calls leave bytes: room for the longest value of an extended attribute. */
  MemorySegment place() {
    MemorySegment known = place;
    if (known == null) {
      known = Arena.ofAuto().allocate(ExtendedAttribute.SIZE_MAX);
      place = known;
    }
    return known;
  }

  boolean isReadOnly() {
    return share.options().readOnly();
  }

  /**
   * Asks what a descriptor holds, as the guest is to see it; 0, or {@code -errno}, and then {@link
   * #status} is old.
   */
  int ask(CallState state, int node) {
    return ownership.ask(state, node, status);
  }

  /** The same where its kind and its qid are all that matters. */
  int askKind(CallState state, int node) {
    return ownership.askKind(state, node, status);
  }

  /**
   * Completes what was just made under {@link #name} in a fid's directory; what cannot be is
   * removed again.
   *
   * @param mode with the kind
   * @return 0, and then {@link #status} says what it is; or {@code -errno}
   */
  int complete(CallState state, Fid directory, int made, int gid, int mode, long device) {
    int error = (int) nodes.tryStatus(state, made, status);
    if (error == 0) {
      error = ownership.give(state, made, status, directory.uid(), gid, mode, device);
    }
    if (error != 0) {
      boolean isDirectory = (mode & FileStatus.S_IFMT) == FileStatus.S_IFDIR;
      int flags = isDirectory ? TreeCalls.AT_REMOVEDIR : 0;
      tree.tryRemove(state, directory.node().fd(), name, flags);
    }
    return error;
  }

  /** Of what {@link #status} says. */
  Qid qid() {
    return Qid.of(status, share.paths());
  }
}
