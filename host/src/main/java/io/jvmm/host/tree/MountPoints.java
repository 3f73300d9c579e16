package io.jvmm.host.tree;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.Fd;
import io.jvmm.host.Syscall;
import io.jvmm.host.SyscallException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Places of a tree where something else may be mounted, and is gone into: a directory each and a
 * name in it.
 *
 * <p>Threads: any.
 */
public final class MountPoints {
  /** None: every mount is a wall. */
  public static final MountPoints NONE = new MountPoints(new Place[0]);

  private static final class Place {
    final long device;
    final long inode;
    final byte[] name;

    Place(long device, long inode, byte[] name) {
      this.device = device;
      this.inode = inode;
      this.name = name;
    }
  }

  private final Place[] places;

  private MountPoints(Place[] places) {
    this.places = places;
  }

  /**
   * Finds them, and follows no symbolic link on the way.
   *
   * @param paths below the root: names with a slash between
   * @throws SyscallException naming the path: ENOENT where there is nothing, EINVAL where it is
   *     none
   */
  public static MountPoints below(Fd root, List<String> paths, Steps steps) {
    Place[] places = new Place[paths.size()];
    for (int i = 0; i < places.length; i++) {
      places[i] = find(root, paths.get(i), steps);
    }
    return places.length == 0 ? NONE : new MountPoints(places);
  }

  private static Place find(Fd root, String path, Steps steps) {
    CallState state = CallState.current();
    TreeCalls tree = new TreeCalls(steps, NONE);
    NodeCalls nodes = new NodeCalls();
    FileStatus status = new FileStatus();
    NodeName name = new NodeName(NodeName.NAME_MAX);
    int at = root.number();
    byte[] last = {};
    try {
      for (String step : path.split("/", -1)) {
        Syscall.check(nodes.tryStatus(state, at, status), "statx", path);
        last = step.getBytes(StandardCharsets.UTF_8);
        name.set(last);
        if (!name.isEntry()) {
          throw new SyscallException("find mount point", path, Errno.EINVAL);
        }
        long next = tree.tryCross(state, at, name);
        Syscall.check(next, "find mount point", path);
        close(state, root, at);
        at = (int) next;
      }
      return new Place(status.device(), status.inode(), last);
    } finally {
      close(state, root, at);
    }
  }

  private static void close(CallState state, Fd root, int at) {
    if (at != root.number()) {
      NodeCalls.close(state, at);
    }
  }

  /** Whether there are none. */
  public boolean isEmpty() {
    return places.length == 0;
  }

  boolean has(long device, long inode, NodeName name) {
    for (Place place : places) {
      if (place.inode == inode
          && place.device == device
          && Arrays.equals(place.name, name.toBytes())) {
        return true;
      }
    }
    return false;
  }
}
