package io.jvmm.host.tree;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.Fd;
import io.jvmm.host.Syscall;
import io.jvmm.host.SyscallException;
import io.jvmm.host.internal.Fcntl;
import io.jvmm.host.internal.SyscallNumber;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Calls that find, make and remove entries of a directory that is held by a descriptor. Each goes
 * one step, by one name, and follows no symbolic link: whatever happens to the tree meanwhile, what
 * they reach is an entry of that directory.
 *
 * <p>Every call is hot: it answers a descriptor or 0, or {@code -errno}, and throws nothing. Names
 * that are no entry's ({@link NodeName#isEntry}) are the caller's to refuse.
 *
 * <p>Threads: belongs to one.
 */
public final class TreeCalls {
  static final int AT_SYMLINK_FOLLOW = 0x400; // linux/fcntl.h
  static final int O_PATH = 0x200000;

  /** For {@link #tryRemove}: the entry is a directory. */
  public static final int AT_REMOVEDIR = 0x200;

  /** {@code struct open_how} ({@code linux/openat2.h}): flags, mode, resolve. */
  static final int OPEN_HOW_SIZE = 24;

  static final int HOW_MODE = 8;
  static final int HOW_RESOLVE = 16;
  static final int RESOLVE_NO_XDEV = 1;
  static final int RESOLVE_NO_MAGICLINKS = 2;
  static final int RESOLVE_NO_SYMLINKS = 4;
  static final int RESOLVE_BENEATH = 8;

  private static final int CONFINED = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;

  /** And on the directory's own mount. */
  private static final int WITHIN = CONFINED | RESOLVE_NO_XDEV;

  /**
   * {@code openat2} answers EAGAIN where it raced with a rename or a mount, and may do so again.
   */
  private static final int RACES_MAX = 128;

  private static final int HOLD = O_PATH | OpenFlags.O_NOFOLLOW;
  private static final MemorySegment DOT_DOT = Arena.global().allocateFrom("..");

  private final MemorySegment how = Arena.ofAuto().allocate(OPEN_HOW_SIZE, Long.BYTES);
  private final MemorySegment hold = Arena.ofAuto().allocate(OPEN_HOW_SIZE, Long.BYTES);
  private final ProcPath proc = new ProcPath();
  private final FileStatus status = new FileStatus();
  private final Steps steps;
  private final MountPoints crossed;

  /**
   * @param crossed where an entry may be on another mount than its directory
   */
  public TreeCalls(Steps steps, MountPoints crossed) {
    this.steps = steps;
    this.crossed = crossed;
    set(hold, HOLD, 0, WITHIN);
  }

  /**
   * Holds a directory, by a path of the host's, which may have symbolic links.
   *
   * @throws SyscallException ENOTDIR where it is none
   */
  public static Fd openRoot(String path) {
    CallState state = CallState.current();
    long address = Syscall.path(state, "open", path);
    long n =
        Syscall.call(
            state,
            SyscallNumber.OPENAT,
            Fcntl.AT_FDCWD,
            address,
            O_PATH | OpenFlags.O_DIRECTORY | Fcntl.O_CLOEXEC,
            0);
    return new Fd((int) Syscall.check(n, "open(O_PATH|O_DIRECTORY)", path), path);
  }

  /**
   * Asks what a directory of {@link #openRoot} is.
   *
   * @throws SyscallException naming it
   */
  public static FileStatus rootStatus(Fd root) {
    FileStatus status = new FileStatus();
    long result = new NodeCalls().tryStatus(CallState.current(), root.number(), status);
    Syscall.check(result, "statx", root.role());
    return status;
  }

  /**
   * Holds an entry, of any kind, a symbolic link itself: a descriptor that cannot be read. EXDEV
   * where something is mounted on it that is not to be crossed into.
   */
  public long tryFind(CallState state, int directory, NodeName name) {
    long n =
        steps == Steps.CONFINED
            ? openConfined(state, directory, name, HOLD, 0, WITHIN)
            : findAndLook(state, directory, name);
    return n == -Errno.EXDEV && !crossed.isEmpty() && isCrossed(state, directory, name)
        ? tryCross(state, directory, name)
        : n;
  }

  /** The same, whatever is mounted there. */
  long tryCross(CallState state, int directory, NodeName name) {
    return steps == Steps.CONFINED
        ? openConfined(state, directory, name, HOLD, 0, CONFINED)
        : open(state, directory, name, HOLD, 0);
  }

  private boolean isCrossed(CallState state, int directory, NodeName name) {
    return askMount(state, directory) == 0 && crossed.has(status.device(), status.inode(), name);
  }

  private long findAndLook(CallState state, int directory, NodeName name) {
    long error = askMount(state, directory);
    if (error != 0) {
      return error;
    }
    long mount = status.mount();
    long fd = open(state, directory, name, HOLD, 0);
    if (fd < 0) {
      return fd;
    }
    error = askMount(state, (int) fd);
    if (error == 0 && status.mount() == mount) {
      return fd;
    }
    NodeCalls.close(state, (int) fd);
    return error != 0 ? error : -Errno.EXDEV;
  }

  private long askMount(CallState state, int node) {
    return NodeCalls.status(
        state, node, FileStatus.STATX_BASIC_STATS | FileStatus.STATX_MNT_ID, status);
  }

  /** Holds the directory above; of the host's root that is itself. Not confined: see to it. */
  public long tryFindParent(CallState state, int directory) {
    return Syscall.call(
        state,
        SyscallNumber.OPENAT,
        directory,
        DOT_DOT.address(),
        O_PATH | OpenFlags.O_DIRECTORY | Fcntl.O_CLOEXEC,
        0);
  }

  /** Makes a regular file and opens it; EEXIST where there is an entry of any kind. */
  public long tryCreate(CallState state, int directory, NodeName name, int flags, int mode) {
    int made = flags | OpenFlags.O_CREAT | OpenFlags.O_EXCL | OpenFlags.O_NOFOLLOW;
    return steps == Steps.CONFINED
        ? openConfined(state, directory, name, made, mode, WITHIN)
        : open(state, directory, name, made, mode);
  }

  /** One name is one step: no symbolic link is followed, and nothing mounted triggers. */
  private static long open(CallState state, int directory, NodeName name, int flags, int mode) {
    if (name.isPath()) {
      return -Errno.EXDEV; // as the kernel says of what is not beneath
    }
    return Syscall.call(
        state,
        SyscallNumber.OPENAT,
        directory,
        name.address(),
        flags | Fcntl.O_CLOEXEC,
        mode,
        0,
        0);
  }

  private long openConfined(
      CallState state, int directory, NodeName name, int flags, int mode, int resolution) {
    boolean isHold = flags == HOLD && resolution == WITHIN; // as nearly all are
    long address = isHold ? hold.address() : fill(flags, mode, resolution);
    long n = -Errno.EAGAIN;
    for (int race = 0; race < RACES_MAX && n == -Errno.EAGAIN; race++) {
      n =
          Syscall.call(
              state, SyscallNumber.OPENAT2, directory, name.address(), address, OPEN_HOW_SIZE);
    }
    return n;
  }

  private long fill(int flags, int mode, int resolution) {
    set(how, flags, mode, resolution);
    return how.address();
  }

  private static void set(MemorySegment how, int flags, int mode, int resolution) {
    how.set(ValueLayout.JAVA_LONG, 0, flags | Fcntl.O_CLOEXEC);
    how.set(ValueLayout.JAVA_LONG, HOW_MODE, mode);
    how.set(ValueLayout.JAVA_LONG, HOW_RESOLVE, resolution);
  }

  /** Makes a directory. */
  public long tryMakeDirectory(CallState state, int directory, NodeName name, int mode) {
    return Syscall.call(state, SyscallNumber.MKDIRAT, directory, name.address(), mode);
  }

  /**
   * Makes a device file, a FIFO, a socket or a regular file.
   *
   * @param mode with the kind
   * @param device as {@link FileStatus#deviceNumber} packs it
   */
  public long tryMakeNode(CallState state, int directory, NodeName name, int mode, long device) {
    return Syscall.call(state, SyscallNumber.MKNODAT, directory, name.address(), mode, device);
  }

  /** Makes a symbolic link; its target is any text. */
  public long tryMakeLink(CallState state, NodeName target, int directory, NodeName name) {
    return Syscall.call(
        state, SyscallNumber.SYMLINKAT, target.address(), directory, name.address());
  }

  /** Gives what a descriptor holds one more name. */
  public long tryLink(CallState state, int node, int directory, NodeName name) {
    return Syscall.call(
        state,
        SyscallNumber.LINKAT,
        Fcntl.AT_FDCWD,
        proc.of(node),
        directory,
        name.address(),
        AT_SYMLINK_FOLLOW, // of the path in /proc, to what the descriptor holds and no further
        0);
  }

  /**
   * Removes an entry.
   *
   * @param flags 0 or {@link #AT_REMOVEDIR}
   */
  public long tryRemove(CallState state, int directory, NodeName name, int flags) {
    return Syscall.call(state, SyscallNumber.UNLINKAT, directory, name.address(), flags);
  }

  /** Moves an entry, over another one if need be. */
  public long tryRename(CallState state, int from, NodeName name, int to, NodeName newName) {
    return Syscall.call(
        state, SyscallNumber.RENAMEAT2, from, name.address(), to, newName.address(), 0, 0);
  }
}
