package io.jvmm.boot;

import io.jvmm.host.Errno;
import io.jvmm.host.SyscallException;
import io.jvmm.host.file.OpenFile;
import io.jvmm.memory.GuestMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A kernel or an initrd on the host's disk: the one place where its bytes are read, and where an
 * error gets the file's name. Content is hostile; a file that shrinks while it is read is refused.
 */
public final class BootFile implements AutoCloseable {
  private final String kind;
  private final String path;
  private final OpenFile file;
  private final long length;

  private BootFile(String kind, String path, OpenFile file, long length) {
    this.kind = kind;
    this.path = path;
    this.file = file;
    this.length = length;
  }

  /**
   * Opens a file.
   *
   * @param kind what it is to be, for errors: {@code kernel}, {@code initrd}
   * @throws BootException where it is missing, unreadable, empty or neither a regular file nor a
   *     block device
   */
  public static BootFile open(String kind, String path) {
    OpenFile file;
    try {
      file = OpenFile.forReading(path);
    } catch (SyscallException e) {
      throw refused(kind, path, "cannot be opened", e);
    }
    try {
      if (!file.isRegular() && !file.isBlockDevice()) {
        throw new BootException(subject(kind, path) + "is not a regular file");
      }
      long length = file.length();
      if (length == 0) {
        throw new BootException(subject(kind, path) + "is empty");
      }
      return new BootFile(kind, path, file, length);
    } catch (SyscallException e) {
      file.close();
      throw refused(kind, path, "cannot be read", e);
    } catch (BootException e) {
      file.close();
      throw e;
    }
  }

  /** In bytes, at least 1, as it was when it was opened. */
  public long length() {
    return length;
  }

  /** The path it was opened by. */
  public String path() {
    return path;
  }

  /** An error about this file: {@code kernel /boot/vmlinux: is ...}. */
  public BootException error(String what) {
    return new BootException(subject(kind, path) + what);
  }

  /**
   * Reads a piece that is looked at on the host.
   *
   * @param count in bytes; fewer are answered where the file ends before
   */
  public byte[] read(long offset, int count) {
    int available = Math.clamp(length - offset, 0, count);
    byte[] bytes = new byte[available];
    if (available == 0) {
      return bytes;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment segment = arena.allocate(available);
      readFully(segment.address(), available, offset); // the arena lives until the call is over
      // Segment to segment: the forms for arrays begin with a type-pattern switch, which costs
      // milliseconds when it is linked.
      MemorySegment.copy(segment, 0, MemorySegment.ofArray(bytes), 0, available);
      return bytes;
    }
  }

  /**
   * Reads straight into the guest; the caller has checked that the range is RAM and the file long
   * enough.
   */
  public void readInto(GuestMemory memory, long gpa, long offset, long count) {
    if (count > 0) {
      readFully(memory.check(gpa, count), count, offset);
    }
  }

  /** Maps whole pages privately into the guest; all numbers are page-aligned. */
  public void mapInto(GuestMemory memory, long gpa, long offset, long count) {
    try {
      memory.overlayPrivate(gpa, file.fd(), offset, count);
    } catch (SyscallException e) {
      throw refused(kind, path, "cannot be mapped", e);
    }
  }

  private void readFully(long address, long count, long offset) {
    try {
      file.readFully(address, count, offset);
    } catch (SyscallException e) {
      throw refused(kind, path, "cannot be read", e);
    }
  }

  @Override
  public void close() {
    file.close();
  }

  private static BootException refused(String kind, String path, String what, SyscallException e) {
    String why =
        switch (e.errno()) {
          case Errno.ENOENT -> "no such file";
          case Errno.ENOTDIR -> "a part of the path is no directory";
          case Errno.EACCES, Errno.EPERM -> "permission denied";
          case Errno.EISDIR -> "it is a directory";
          default -> e.call() + ": " + Errno.symbol(e.errno()) + " (" + e.errno() + ")";
        };
    return new BootException(subject(kind, path) + what + ": " + why, e);
  }

  private static String subject(String kind, String path) {
    return kind + " " + path + ": ";
  }
}
