package io.jvmm.host.tree;

import io.jvmm.host.CallState;
import io.jvmm.host.Syscall;
import io.jvmm.host.internal.Fcntl;
import io.jvmm.host.internal.SyscallNumber;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A lock of a range of a file, as {@code fcntl(2)} takes it for an open file description. Reused.
 *
 * <p>Threads: belongs to one.
 */
public final class RecordLock {
  /** For {@link #set}: what kind of lock. */
  public static final int F_RDLCK = Fcntl.F_RDLCK;

  public static final int F_WRLCK = Fcntl.F_WRLCK;
  public static final int F_UNLCK = Fcntl.F_UNLCK;

  // struct flock
  static final int FLOCK_SIZE = 32;
  static final int L_TYPE = 0;
  static final int L_START = 8;
  static final int L_LEN = 16;

  private final MemorySegment flock = Arena.ofAuto().allocate(FLOCK_SIZE, Long.BYTES);

  /** Nothing. */
  public RecordLock() {}

  /**
   * Sets what is wanted.
   *
   * @param start in bytes from the file's beginning
   * @param length in bytes; 0 for all that there is and ever will be
   */
  public void set(int type, long start, long length) {
    flock.fill((byte) 0);
    flock.set(ValueLayout.JAVA_SHORT, L_TYPE, (short) type);
    flock.set(ValueLayout.JAVA_LONG, L_START, start);
    flock.set(ValueLayout.JAVA_LONG, L_LEN, length);
  }

  /** Takes or gives back; 0, or {@code -EAGAIN} where another has it, or another {@code -errno}. */
  public long tryTake(CallState state, int fd) {
    return Syscall.call(state, SyscallNumber.FCNTL, fd, Fcntl.F_OFD_SETLK, flock.address());
  }

  /** Asks who is in the way: this is then that lock, or of type {@link #F_UNLCK}. */
  public long tryAsk(CallState state, int fd) {
    return Syscall.call(state, SyscallNumber.FCNTL, fd, Fcntl.F_OFD_GETLK, flock.address());
  }

  public int type() {
    return flock.get(ValueLayout.JAVA_SHORT, L_TYPE);
  }

  public long start() {
    return flock.get(ValueLayout.JAVA_LONG, L_START);
  }

  public long length() {
    return flock.get(ValueLayout.JAVA_LONG, L_LEN);
  }
}
