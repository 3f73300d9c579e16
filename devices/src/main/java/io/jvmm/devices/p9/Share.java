package io.jvmm.devices.p9;

import io.jvmm.host.Fd;
import io.jvmm.host.tree.FileStatus;
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

  private Share(Fd fd, Node root, ShareOptions options, QidPaths paths) {
    this.fd = fd;
    this.root = root;
    this.options = options;
    this.paths = paths;
  }

  /**
   * Holds the folder.
   *
   * @throws io.jvmm.host.SyscallException naming the path: ENOTDIR where it is no folder
   * @throws ShareException where it cannot be shared as the options say
   */
  static Share open(ShareOptions options) {
    Fd fd = TreeCalls.openRoot(options.path());
    try {
      Requirements.check(options, fd);
      FileStatus status = TreeCalls.rootStatus(fd);
      QidPaths paths = new QidPaths(status.device());
      Node root = new Node(fd.number(), Qid.of(status, paths), null, new byte[0]);
      return new Share(fd, root, options, paths);
    } catch (RuntimeException e) {
      fd.close();
      throw e;
    }
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

  @Override
  public void close() {
    fd.close();
  }
}
