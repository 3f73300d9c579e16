package io.jvmm.devices.p9;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.tree.FileStatus;
import io.jvmm.host.tree.NodeCalls;
import io.jvmm.host.tree.NodeName;
import io.jvmm.host.tree.TreeCalls;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The files of a session that are held by a descriptor, no more than the host gives us. Where they
 * get too many, those that nobody has used for the longest are let go: a file that is not open, has
 * none below it that is held and is still found by its name. When the driver comes back to it, it
 * is looked for by that name in its directory, which is held first, and has to be the same inode.
 *
 * <p>What a file is let go for is its name, so before a name goes, by the driver's own doing, the
 * file is held again ({@link #holdNamed}): it is then as good as any that was never let go.
 *
 * <p>Threads: the share's. Files are let go and held again only while no worker has a request.
 */
final class HeldNodes {
  private static final int SMALLEST = 64;

  /**
   * Held or not: bytes of this process's memory that a driver makes us keep for files, some 70,000
   * with names of usual length. The heap has 32 MiB for everything.
   */
  private static final long BYTES_MAX = 12 << 20;

  private final QidPaths paths;
  private final TreeCalls tree;
  private final NodeCalls nodes = new NodeCalls();
  private final FileStatus status = new FileStatus();
  private final NodeName name = new NodeName(NodeName.NAME_MAX);
  private final int most;

  private @Nullable Node[] held = new Node[SMALLEST];
  private int count;

  /** Where the search for what was not used goes on. */
  private int hand;

  /** From so many on some are let go; above {@link #most} where that has not brought enough. */
  private int threshold;

  /** Those that were let go, by directory and name: the first of a list. */
  private final Map<Key, Node> dropped = new HashMap<>();

  /** Of all nodes, held or not. */
  private long bytes;

  private record Key(long directory, int name) {}

  /**
   * None.
   *
   * @param most so many may be held; twice that where none can be let go
   */
  HeldNodes(Share share, int most) {
    this.paths = share.paths();
    this.tree = share.newTree();
    this.most = most;
    this.threshold = most;
  }

  /** Hot: one more. */
  void add(Node node) {
    bytes += node.bytes();
    keepHeld(node);
  }

  private void keepHeld(Node node) {
    if (count == held.length) {
      held = Arrays.copyOf(held, count * 2);
    }
    held[count] = node;
    node.setHeldAt(count++);
  }

  /** Hot: one that nobody uses any more. */
  void remove(CallState state, Node node) {
    bytes -= node.bytes();
    if (node.isHeld()) {
      close(state, node);
    } else {
      forget(node);
    }
  }

  private void close(CallState state, Node node) {
    NodeCalls.close(state, node.fd());
    node.letGo();
    int at = node.heldAt();
    Node last = held[--count];
    held[count] = null;
    if (last != null && last != node) {
      held[at] = last;
      last.setHeldAt(at);
    }
  }

  int count() {
    return count;
  }

  /** Hot: whether {@link #letGo} should be called, as soon as nobody is at work. */
  boolean areTooMany() {
    return count >= threshold;
  }

  /** Hot: whether the driver has to do with what it has. */
  boolean areFull() {
    return count >= 2 * most || bytes >= BYTES_MAX;
  }

  /**
   * Lets a quarter go.
   *
   * @param fids those that are open, or an attribute, keep their files
   */
  void letGo(CallState state, FidTable fids) {
    fids.forEach(HeldNodes::touchIfBusy);
    int wanted = most - most / 4;
    // Twice around: what was used since the last time is let go in the second round.
    for (int looked = 2 * count; looked > 0 && count > wanted; looked--) {
      hand = hand + 1 < count ? hand + 1 : 0;
      Node node = held[hand];
      if (node != null && node.canBeLetGo() && isFound(state, node)) {
        close(state, node);
        remember(node);
      }
    }
    fids.forEach(HeldNodes::untouch);
    threshold = count <= wanted ? most : Math.min(2 * most, count + most / 8 + 1);
  }

  private static void touchIfBusy(Fid fid) {
    if (fid.isOpen() || fid.attribute() != null) {
      fid.node().setBusy(true);
    }
  }

  private static void untouch(Fid fid) {
    fid.node().setBusy(false);
  }

  private boolean isFound(CallState state, Node node) {
    long fd = find(state, node);
    if (fd >= 0) {
      NodeCalls.close(state, (int) fd);
    }
    return fd >= 0;
  }

  /** A descriptor of the same file, found by its name; or {@code -errno}. */
  private long find(CallState state, Node node) {
    Node parent = node.parent();
    if (parent == null) {
      return -Errno.ESTALE;
    }
    name.set(node.name());
    long fd = tree.tryFind(state, parent.fd(), name);
    if (fd < 0) {
      return fd == -Errno.EMFILE || fd == -Errno.ENFILE ? fd : -Errno.ESTALE;
    }
    long error = nodes.tryStatus(state, (int) fd, status);
    if (error == 0 && paths.of(status.device(), status.inode()) == node.qid().path()) {
      return fd;
    }
    NodeCalls.close(state, (int) fd);
    return -Errno.ESTALE;
  }

  /** The driver uses it: holds it again where it was let go; 0, or {@code -errno}. */
  int hold(CallState state, Node node) {
    node.setTouched();
    return node.isHeld() ? 0 : holdAgain(state, node);
  }

  /** Its directories first, as far as they were let go too. */
  private int holdAgain(CallState state, Node node) {
    ArrayDeque<Node> way = new ArrayDeque<>();
    for (Node at = node; at != null && !at.isHeld(); at = at.parent()) {
      way.push(at);
    }
    for (Node at : way) {
      long fd = find(state, at);
      if (fd < 0) {
        return (int) fd;
      }
      forget(at);
      at.hold((int) fd);
      keepHeld(at);
    }
    return 0;
  }

  /** An entry of a directory is about to get another name or none. */
  void holdNamed(CallState state, Node directory, NodeName entry) {
    if (dropped.isEmpty()) {
      return;
    }
    byte[] bytes = entry.toBytes();
    Node node = dropped.get(new Key(directory.qid().path(), Arrays.hashCode(bytes)));
    while (node != null) {
      Node next = node.nextDropped();
      if (Arrays.equals(node.name(), bytes)) {
        hold(state, node); // where this fails, it was another file's name already
      }
      node = next;
    }
  }

  private static Key key(Node node) {
    Node parent = node.parent();
    return new Key(parent == null ? 0 : parent.qid().path(), Arrays.hashCode(node.name()));
  }

  private void remember(Node node) {
    node.setNextDropped(dropped.put(key(node), node));
  }

  private void forget(Node node) {
    Key key = key(node);
    Node first = dropped.get(key);
    if (first == node) {
      Node next = node.nextDropped();
      if (next == null) {
        dropped.remove(key);
      } else {
        dropped.put(key, next);
      }
    } else {
      while (first != null && first.nextDropped() != node) {
        first = first.nextDropped();
      }
      if (first != null) {
        first.setNextDropped(node.nextDropped());
      }
    }
    node.setNextDropped(null);
  }
}
