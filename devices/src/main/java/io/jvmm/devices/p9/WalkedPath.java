package io.jvmm.devices.p9;

import io.jvmm.host.CallState;
import io.jvmm.host.tree.NodeCalls;
import org.jspecify.annotations.Nullable;

/**
 * The steps of one walk: a worker goes them, the share's thread makes nodes of them. Reused.
 *
 * <p>Threads: whoever has the request.
 */
final class WalkedPath {
  private final int[] fds = new int[P9.WALK_MAX];
  private final Qid[] qids = new Qid[P9.WALK_MAX];
  private final byte[][] names = new byte[P9.WALK_MAX][];
  private int steps;
  private @Nullable Node base;

  /** Nowhere. */
  void clear() {
    steps = 0;
    base = null;
  }

  /** Begins at a node of the driver's. */
  void begin(Node from) {
    steps = 0;
    base = from;
  }

  /** Where it has come to, to go on from there. */
  int fd() {
    return steps > 0 ? fds[steps - 1] : base().fd();
  }

  Qid qid() {
    return steps > 0 ? qids[steps - 1] : base().qid();
  }

  /** Where it began. */
  Node base() {
    Node from = base;
    if (from == null) {
      throw new IllegalStateException("the walk has not begun");
    }
    return from;
  }

  /** One step down; the descriptor becomes the walk's. */
  void add(int fd, Qid qid, byte[] name) {
    fds[steps] = fd;
    qids[steps] = qid;
    names[steps] = name;
    steps++;
  }

  /** Whether the last step was one down, which {@link #back} takes back. */
  boolean canGoBack() {
    return steps > 0;
  }

  /** One step back. */
  void back(CallState state) {
    NodeCalls.close(state, fds[--steps]);
  }

  /** One step up from where it began. */
  void up(Node parent) {
    base = parent;
  }

  /** Worker: comes to nothing. */
  void abandon(CallState state) {
    while (steps > 0) {
      back(state);
    }
    base = null;
  }

  /**
   * The share's thread: where it has come to, in use by the caller; null where it came to nothing.
   */
  @Nullable Node toNode(HeldNodes held) {
    Node from = base;
    if (from == null) {
      return null;
    }
    Node at = from.use();
    for (int i = 0; i < steps; i++) {
      at = new Node(fds[i], qids[i], at, names[i]);
      held.add(at);
    }
    clear();
    return at;
  }
}
