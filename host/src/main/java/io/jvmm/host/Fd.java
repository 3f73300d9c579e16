package io.jvmm.host;

import io.jvmm.host.internal.SyscallNumber;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A file descriptor with one owner, who closes it once.
 *
 * <p>Threads: any thread may read the number; the owner closes it after every thread that uses the
 * number has stopped.
 */
public final class Fd implements AutoCloseable {
  private static final int CLOSED = -1;

  private final AtomicInteger number;
  private final String role;

  /**
   * Takes ownership of an open descriptor.
   *
   * @param role what it is, for error texts: {@code vcpu 3}, {@code disk /images/root.ext4}
   */
  public Fd(int number, String role) {
    if (number < 0) {
      throw new IllegalArgumentException("no descriptor: " + number);
    }
    this.number = new AtomicInteger(number);
    this.role = role;
  }

  /**
   * The number.
   *
   * @throws IllegalStateException after {@link #close()}
   */
  public int number() {
    int n = number.get();
    if (n == CLOSED) {
      throw new IllegalStateException(role + " is closed");
    }
    return n;
  }

  /** What it is, for error texts. */
  public String role() {
    return role;
  }

  /** Whether {@link #close()} has been called. */
  public boolean isClosed() {
    return number.get() == CLOSED;
  }

  /**
   * Closes the descriptor; a second call does nothing. Never retried: Linux frees the number even
   * when close is interrupted.
   */
  @Override
  public void close() {
    int n = number.getAndSet(CLOSED);
    if (n != CLOSED) {
      Syscall.call(CallState.current(), SyscallNumber.CLOSE, n, 0, 0);
    }
  }

  @Override
  public String toString() {
    return role + " (fd " + number.get() + ")";
  }
}
