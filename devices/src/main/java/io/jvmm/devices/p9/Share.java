package io.jvmm.devices.p9;

import io.jvmm.host.Fd;
import io.jvmm.host.tree.FileStatus;
import io.jvmm.host.tree.MountPoints;
import io.jvmm.host.tree.QuietMount;
import io.jvmm.host.tree.Steps;
import io.jvmm.host.tree.TreeCalls;

/**
 * A folder of the host's that guests get.
 *
 * <p>Threads: any.
 */
final class Share implements AutoCloseable {
  private final Fd fd;
  private final Node root;
  private final ShareOptions options;
  private final QidPaths paths;
  private final Steps steps;
  private final MountPoints crossed;
  private final boolean isQuiet;
  private final ProgramBits programBits = new ProgramBits();
  private final GuestLocks locks = new GuestLocks();

  private Share(Fd fd, ShareOptions options, Steps steps, boolean isQuiet) {
    this.fd = fd;
    this.options = options;
    this.steps = steps;
    this.crossed = MountPoints.below(fd, options.mounts(), steps);
    this.isQuiet = isQuiet;
    FileStatus status = TreeCalls.rootStatus(fd);
    this.paths = new QidPaths(status.device());
    this.root = new Node(fd.number(), Qid.of(status, paths), null, new byte[0]);
  }

  /** The same, with the best that the host has. */
  static Share open(ShareOptions options) {
    return open(options, Steps.best());
  }

  /**
   * Holds the folder; one that must not change by a mount of its own, where this process may.
   *
   * @throws io.jvmm.host.SyscallException naming the path: ENOTDIR where it is no folder, ENOENT
   *     where a mount is not there
   * @throws ShareException where it cannot be shared as the options say
   */
  static Share open(ShareOptions options, Steps steps) {
    Fd fd = TreeCalls.openRoot(options.path());
    try {
      Requirements.check(options, fd);
      boolean isQuiet = true;
      if (options.readOnly()) {
        Fd quiet = QuietMount.tryOf(fd);
        if (quiet != null) {
          fd.close();
          fd = quiet;
        } else {
          isQuiet = QuietMount.isQuiet(fd);
        }
      }
      return new Share(fd, options, steps, isQuiet);
    } catch (RuntimeException e) {
      fd.close();
      throw e;
    }
  }

  /** Whether the host's times of last access stay as they are where nothing is to change. */
  boolean isQuiet() {
    return isQuiet;
  }

  /** Finds and makes entries, for one thread. */
  TreeCalls newTree() {
    return new TreeCalls(steps, crossed);
  }

  /** Whether something below may be on another file system. */
  boolean hasMounts() {
    return !crossed.isEmpty();
  }

  /** Where every walk begins. */
  Node root() {
    return root;
  }

  ShareOptions options() {
    return options;
  }

  QidPaths paths() {
    return paths;
  }

  ProgramBits programBits() {
    return programBits;
  }

  GuestLocks locks() {
    return locks;
  }

  @Override
  public void close() {
    fd.close();
  }
}
