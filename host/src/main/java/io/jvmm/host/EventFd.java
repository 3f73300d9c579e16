package io.jvmm.host;

import io.jvmm.host.internal.SyscallNumber;
import java.lang.foreign.ValueLayout;

/**
 * A counter in the kernel that one side signals and the other waits for ({@code eventfd(2)});
 * closed on exec.
 *
 * <p>Threads: any thread may signal or drain, each with its own {@link CallState}.
 */
public final class EventFd implements AutoCloseable {
  static final int EFD_SEMAPHORE = 0x1; // sys/eventfd.h
  static final int EFD_NONBLOCK = 0x800;
  static final int EFD_CLOEXEC = 0x80000;

  private final Fd fd;

  private EventFd(Fd fd) {
    this.fd = fd;
  }

  /**
   * Makes one with a count of zero.
   *
   * @throws SyscallException EMFILE or ENFILE where the host has no descriptor left
   */
  public static EventFd create(String role) {
    return create(role, EFD_NONBLOCK);
  }

  /**
   * Makes one with a count of zero that is read by one and waited for: {@link #drain} blocks.
   *
   * @throws SyscallException EMFILE or ENFILE where the host has no descriptor left
   */
  public static EventFd semaphore(String role) {
    return create(role, EFD_SEMAPHORE);
  }

  private static EventFd create(String role, int flags) {
    long n = Syscall.call(CallState.current(), SyscallNumber.EVENTFD2, 0, flags | EFD_CLOEXEC, 0);
    return new EventFd(new Fd((int) Syscall.check(n, "eventfd2", role), role));
  }

  /** The descriptor, for epoll, ioeventfd and irqfd. It stays this object's. */
  public Fd fd() {
    return fd;
  }

  /**
   * Hot: adds one. Answers {@code -EAGAIN} only at a count of 2^64 - 2, which leaves the counter
   * signalled all the same.
   */
  public long signal(CallState state) {
    return signal(state, 1);
  }

  /** Hot: adds {@code count}, one or more. */
  public long signal(CallState state, long count) {
    state.scratch().set(ValueLayout.JAVA_LONG, 0, count);
    return Syscall.call(
        state, SyscallNumber.WRITE, fd.number(), state.scratch().address(), Long.BYTES);
  }

  /** Hot: takes the count and sets it to zero; zero where nobody had signalled. */
  public long drain(CallState state) {
    long n =
        Syscall.call(state, SyscallNumber.READ, fd.number(), state.scratch().address(), Long.BYTES);
    return n == Long.BYTES ? state.scratch().get(ValueLayout.JAVA_LONG, 0) : 0;
  }

  @Override
  public void close() {
    fd.close();
  }
}
