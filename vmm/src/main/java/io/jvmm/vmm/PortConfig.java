package io.jvmm.vmm;

import io.jvmm.devices.console.HostEnd;
import io.jvmm.devices.console.NamedPort;
import io.jvmm.devices.console.SocketEnd;
import io.jvmm.devices.console.StreamEnd;
import io.jvmm.host.SyscallException;
import io.jvmm.host.file.OpenFile;

/**
 * A byte stream between programs in the guest, who find it by its name, and the host.
 *
 * @param name up to {@value NamedPort#NAME_MAX} letters, digits, {@code .}, {@code _} and {@code -}
 * @param kind what the host's end is
 * @param path of the socket or file; empty for a descriptor
 * @param fd of this process, which stays the caller's; -1 for the others
 */
public record PortConfig(String name, Kind kind, String path, int fd) {
  /** What a host's end can be. */
  public enum Kind {
    /** A Unix socket that jvmm makes; one program at a time connects to it. */
    UNIX,
    /** A file that is written anew with the guest's words. */
    FILE,
    /** A descriptor that this process has. */
    DESCRIPTOR
  }

  private static final int NO_FD = -1;

  /**
   * Checks the name.
   *
   * @throws MachineConfigException where it is none
   */
  public PortConfig {
    if (!NamedPort.isName(name)) {
      throw new MachineConfigException(
          "port '"
              + name
              + "': a name has 1 to "
              + NamedPort.NAME_MAX
              + " letters, digits, '.', '_' and '-'");
    }
  }

  /** A Unix socket to be made. */
  public static PortConfig unix(String name, String path) {
    return new PortConfig(name, Kind.UNIX, path, NO_FD);
  }

  /** A file to be written anew. */
  public static PortConfig file(String name, String path) {
    return new PortConfig(name, Kind.FILE, path, NO_FD);
  }

  /** A descriptor of this process. */
  public static PortConfig descriptor(String name, int fd) {
    return new PortConfig(name, Kind.DESCRIPTOR, "", fd);
  }

  /**
   * Makes the host's end.
   *
   * @param config whose files a port must not overwrite
   * @throws MachineConfigException where it would, for a block device, and where the host refuses
   */
  HostEnd open(MachineConfig config) {
    try {
      return switch (kind) {
        case UNIX -> SocketEnd.listen(path);
        case FILE -> openFile(config);
        case DESCRIPTOR -> StreamEnd.descriptor(fd, "descriptor " + fd);
      };
    } catch (SyscallException e) {
      throw new MachineConfigException("port " + name + ": " + e.getMessage());
    }
  }

  /** Nothing is emptied before it is known what it is. */
  private HostEnd openFile(MachineConfig config) {
    try (OpenFile file = OpenFile.createKeeping(path)) {
      if (file.isBlockDevice()) {
        throw refusal("a block device");
      }
      String own = MachineFiles.find(config, file);
      if (own != null) {
        throw refusal("the " + own + " of this machine");
      }
      file.empty();
      return StreamEnd.file(file, path);
    }
  }

  private MachineConfigException refusal(String what) {
    return new MachineConfigException(
        "port " + name + ": " + path + " is " + what + ", which the port would overwrite");
  }
}
