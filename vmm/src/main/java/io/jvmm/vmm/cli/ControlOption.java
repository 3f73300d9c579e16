package io.jvmm.vmm.cli;

import io.jvmm.host.Errno;
import io.jvmm.host.SyscallException;
import io.jvmm.vmm.Machine;
import io.jvmm.vmm.control.ControlServer;
import org.jspecify.annotations.Nullable;

/** {@code --control}: makes the socket, or says why there is none. */
final class ControlOption {
  private ControlOption() {}

  /**
   * The server that was asked for, not yet started, or null.
   *
   * @throws UsageException where the path cannot be used
   */
  static @Nullable ControlServer listen(Settings settings, Machine machine) {
    String path = settings.get(CommandOption.CONTROL);
    if (path == null) {
      return null;
    }
    try {
      return ControlServer.listen(path, machine);
    } catch (SyscallException e) {
      throw new UsageException(
          settings.place(CommandOption.CONTROL) + ": " + path + ": " + reason(e));
    }
  }

  private static String reason(SyscallException e) {
    return switch (e.errno()) {
      case Errno.EADDRINUSE -> "somebody listens there already";
      case Errno.EEXIST -> "is there already and is no socket";
      case Errno.ENOENT, Errno.ENOTDIR -> "there is no such folder";
      case Errno.EACCES, Errno.EPERM -> "permission denied";
      case Errno.ENAMETOOLONG -> "a socket's path has at most 107 bytes";
      case Errno.EROFS -> "its file system is read-only";
      default -> String.valueOf(e.getMessage());
    };
  }
}
