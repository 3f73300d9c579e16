package io.jvmm.devices.p9;

import io.jvmm.host.Errno;
import io.jvmm.host.tree.NodeName;

/** What is asked of every name under which something is made, moved or removed. */
final class Entries {
  private Entries() {}

  /**
   * Whether a share may be changed there.
   *
   * @param fits what {@link MessageReader#name} answered
   * @return 0, or {@code -errno}
   */
  static int whyNoName(WorkerContext context, Node directory, NodeName name, boolean fits) {
    if (context.isReadOnly()) {
      return -Errno.EROFS;
    }
    if (!directory.isDirectory()) {
      return -Errno.ENOTDIR;
    }
    if (!fits) {
      return -Errno.ENAMETOOLONG;
    }
    if (name.isEntry()) {
      return 0;
    }
    return name.isDot() || name.isDotDot() ? -Errno.EINVAL : -Errno.ENOENT;
  }
}
