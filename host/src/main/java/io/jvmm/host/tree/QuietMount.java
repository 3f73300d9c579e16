package io.jvmm.host.tree;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.Fd;
import io.jvmm.host.Syscall;
import io.jvmm.host.internal.Fcntl;
import io.jvmm.host.internal.SyscallNumber;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * A tree of which nothing changes while it is read, not even when a file was read last.
 *
 * <p>Threads: any.
 */
public final class QuietMount {
  static final int OPEN_TREE_CLONE = 1; // linux/mount.h
  static final int AT_RECURSIVE = 0x8000; // linux/fcntl.h

  // linux/mount.h: struct mount_attr
  static final int MOUNT_ATTR_SIZE = 32;
  static final int ATTR_SET = 0;
  static final int ATTR_CLR = 8;
  static final int PROPAGATION = 16;
  static final int MOUNT_ATTR_RDONLY = 1;
  static final int MOUNT_ATTR_NOATIME = 0x10;
  static final int MOUNT_ATTR__ATIME = 0x70;
  static final int MS_SLAVE = 1 << 19;

  private QuietMount() {}

  /**
   * Mounts a directory once more, with all that is mounted below it, where nobody else sees it, so
   * that the kernel itself lets nothing be changed there. What is unmounted from the tree later is
   * from here too.
   *
   * @param root of {@link TreeCalls#openRoot}
   * @return to be used in its place; null where this process may not, or the kernel cannot
   */
  public static @Nullable Fd tryOf(Fd root) {
    CallState state = CallState.current();
    try (Arena arena = Arena.ofConfined()) {
      long empty = arena.allocate(1).address();
      long mount =
          Syscall.call(
              state,
              SyscallNumber.OPEN_TREE,
              root.number(),
              empty,
              OPEN_TREE_CLONE | Fcntl.O_CLOEXEC | Fcntl.AT_EMPTY_PATH | AT_RECURSIVE);
      if (mount < 0) {
        return null;
      }
      Fd quiet = new Fd((int) mount, root.role());
      MemorySegment attributes = arena.allocate(MOUNT_ATTR_SIZE, Long.BYTES);
      attributes.set(ValueLayout.JAVA_LONG, ATTR_SET, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOATIME);
      attributes.set(ValueLayout.JAVA_LONG, ATTR_CLR, MOUNT_ATTR__ATIME);
      attributes.set(ValueLayout.JAVA_LONG, PROPAGATION, MS_SLAVE);
      long result =
          Syscall.call(
              state,
              SyscallNumber.MOUNT_SETATTR,
              mount,
              empty,
              Fcntl.AT_EMPTY_PATH | AT_RECURSIVE,
              attributes.address(),
              MOUNT_ATTR_SIZE,
              0);
      if (result == 0) {
        return quiet;
      }
      quiet.close();
      return null;
    }
  }

  /**
   * Whether reading a directory changes nothing even so: it is mounted so that it does not, or this
   * process may ask for that at every opening.
   */
  public static boolean isQuiet(Fd root) {
    CallState state = CallState.current();
    NodeCalls nodes = new NodeCalls();
    FileSystemStatus fileSystem = new FileSystemStatus();
    if (nodes.tryFileSystem(state, root.number(), fileSystem) == 0 && fileSystem.isQuiet()) {
      return true;
    }
    long fd = nodes.tryOpen(state, root.number(), OpenFlags.O_DIRECTORY | OpenFlags.O_NOATIME);
    if (fd >= 0) {
      NodeCalls.close(state, (int) fd);
    }
    return fd != -Errno.EPERM;
  }
}
