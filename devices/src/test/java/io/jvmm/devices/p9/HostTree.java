package io.jvmm.devices.p9;

import io.jvmm.host.CallState;
import io.jvmm.host.Syscall;
import io.jvmm.host.tree.OpenFlags;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * What Linux itself does to a folder, call by call: 0 or more, or {@code -errno}. Symbolic links on
 * the way lead nowhere, and a last one is not followed.
 */
final class HostTree {
  // asm/unistd_64.h
  private static final int READ_AT = 17;
  private static final int WRITE_AT = 18;
  private static final int CLOSE = 3;
  private static final int FSTAT = 5;
  private static final int FTRUNCATE = 77;
  private static final int OPENAT = 257;
  private static final int MKDIRAT = 258;
  private static final int UNLINKAT = 263;
  private static final int RENAMEAT = 264;
  private static final int LINKAT = 265;
  private static final int SYMLINKAT = 266;
  private static final int LSETXATTR = 189;
  private static final int LGETXATTR = 192;
  private static final int LREMOVEXATTR = 198;
  private static final int AT_FDCWD = -100;
  private static final int O_PATH = 0x200000;
  private static final int XATTR_REPLACE = 2;

  private final CallState state = CallState.current();
  private final Path root;
  private final MemorySegment first = Arena.ofAuto().allocate(4096);
  private final MemorySegment second = Arena.ofAuto().allocate(4096);
  private final MemorySegment data = Arena.ofAuto().allocate(4096, Long.BYTES);

  HostTree(Path root) {
    this.root = root;
  }

  private long path(MemorySegment into, String path) {
    return text(into, root + "/" + path);
  }

  private static long text(MemorySegment into, String text) {
    into.setString(0, text, StandardCharsets.UTF_8);
    return into.address();
  }

  long mkdir(String path, int mode) {
    return Syscall.call(state, MKDIRAT, AT_FDCWD, path(first, path), mode);
  }

  long symlink(String target, String path) {
    return Syscall.call(state, SYMLINKAT, text(second, target), AT_FDCWD, path(first, path));
  }

  long link(String from, String to) {
    return Syscall.call(
        state, LINKAT, AT_FDCWD, path(first, from), AT_FDCWD, path(second, to), 0, 0);
  }

  long rename(String from, String to) {
    return Syscall.call(
        state, RENAMEAT, AT_FDCWD, path(first, from), AT_FDCWD, path(second, to), 0, 0);
  }

  long unlink(String path, int flags) {
    return Syscall.call(state, UNLINKAT, AT_FDCWD, path(first, path), flags);
  }

  /** A descriptor that nothing can be read from. */
  long find(String path) {
    return open(path, O_PATH | OpenFlags.O_NOFOLLOW, 0);
  }

  /** Mode, links and size, or the error as text. */
  String status(long fd) {
    long result = Syscall.call(state, FSTAT, fd, data.address(), 0);
    if (result < 0) {
      return "error " + -result;
    }
    int mode = data.get(ValueLayout.JAVA_INT, 24); // struct stat, asm/stat.h
    long links = data.get(ValueLayout.JAVA_LONG, 16);
    return mode + " " + links + " " + data.get(ValueLayout.JAVA_LONG, 48);
  }

  /** A descriptor. */
  long open(String path, int flags, int mode) {
    return Syscall.call(state, OPENAT, AT_FDCWD, path(first, path), flags, mode);
  }

  void close(long fd) {
    Syscall.call(state, CLOSE, fd, 0, 0);
  }

  long write(long fd, long offset, byte[] bytes) {
    MemorySegment.copy(bytes, 0, data, ValueLayout.JAVA_BYTE, 0, bytes.length);
    return Syscall.call(state, WRITE_AT, fd, data.address(), bytes.length, offset);
  }

  long truncate(long fd, long size) {
    return Syscall.call(state, FTRUNCATE, fd, size, 0);
  }

  /** What can be read, or the error as text. */
  String read(long fd, long offset, int length) {
    return told(Syscall.call(state, READ_AT, fd, data.address(), length, offset));
  }

  /** As it comes through 9P, which has no message to remove one. */
  long setAttribute(String path, String name, byte[] value, int flags) {
    if (value.length == 0 && flags == XATTR_REPLACE) {
      return Syscall.call(state, LREMOVEXATTR, path(first, path), text(second, name), 0);
    }
    MemorySegment.copy(value, 0, data, ValueLayout.JAVA_BYTE, 0, value.length);
    return Syscall.call(
        state,
        LSETXATTR,
        path(first, path),
        text(second, name),
        data.address(),
        value.length,
        flags,
        0);
  }

  /** Its value, or the error as text. */
  String attribute(String path, String name) {
    return told(
        Syscall.call(
            state,
            LGETXATTR,
            path(first, path),
            text(second, name),
            data.address(),
            data.byteSize()));
  }

  private String told(long result) {
    return result < 0
        ? "error " + -result
        : Arrays.toString(data.asSlice(0, result).toArray(ValueLayout.JAVA_BYTE));
  }
}
