package io.jvmm.host.epoll;

import io.jvmm.host.CallState;
import io.jvmm.host.Fd;
import io.jvmm.host.Syscall;
import io.jvmm.host.internal.SyscallNumber;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Waits for many descriptors at once ({@code epoll(7)}).
 *
 * <p>Threads: one thread waits; any thread may add, modify or remove.
 */
public final class Epoll implements AutoCloseable {
  /** There is something to read. */
  public static final int EPOLLIN = 0x001; // sys/epoll.h

  /** There is room to write. */
  public static final int EPOLLOUT = 0x004;

  /** An error; always reported. */
  public static final int EPOLLERR = 0x008;

  /** The other side hung up; always reported. */
  public static final int EPOLLHUP = 0x010;

  /** The other side sends no more. */
  public static final int EPOLLRDHUP = 0x2000;

  /** Reported once a change, not as long as the state lasts. */
  public static final int EPOLLET = 1 << 31;

  static final int EPOLL_CLOEXEC = 0x80000;
  static final int EPOLL_CTL_ADD = 1;
  static final int EPOLL_CTL_DEL = 2;
  static final int EPOLL_CTL_MOD = 3;

  /** {@code struct epoll_event} is packed on x86-64: u32 events, u64 data. */
  static final int EVENT_SIZE = 12;

  static final int EVENT_DATA_OFFSET = 4;

  private static final ValueLayout.OfLong DATA = ValueLayout.JAVA_LONG_UNALIGNED;
  private static final ValueLayout.OfInt EVENTS = ValueLayout.JAVA_INT_UNALIGNED;

  private final Fd fd;
  private final Arena arena;
  private final MemorySegment ready;
  private final int capacity;

  private Epoll(Fd fd, int capacity) {
    this.fd = fd;
    this.capacity = capacity;
    this.arena = Arena.ofShared();
    this.ready = arena.allocate((long) capacity * EVENT_SIZE, Long.BYTES);
  }

  /**
   * Makes one.
   *
   * @param capacity how many events one wait can report
   */
  public static Epoll create(String role, int capacity) {
    long n = Syscall.call(CallState.current(), SyscallNumber.EPOLL_CREATE1, EPOLL_CLOEXEC, 0, 0);
    return new Epoll(new Fd((int) Syscall.check(n, "epoll_create1", role), role), capacity);
  }

  /**
   * Watches a descriptor.
   *
   * @param data given back with each event
   */
  public void add(Fd watched, int events, long data) {
    control(EPOLL_CTL_ADD, "EPOLL_CTL_ADD", watched, events, data);
  }

  /** Changes what a watched descriptor is watched for. */
  public void modify(Fd watched, int events, long data) {
    control(EPOLL_CTL_MOD, "EPOLL_CTL_MOD", watched, events, data);
  }

  /** Stops watching a descriptor. */
  public void remove(Fd watched) {
    control(EPOLL_CTL_DEL, "EPOLL_CTL_DEL", watched, 0, 0);
  }

  private void control(int operation, String name, Fd watched, int events, long data) {
    CallState state = CallState.current();
    MemorySegment event = state.scratch();
    event.set(EVENTS, 0, events);
    event.set(DATA, EVENT_DATA_OFFSET, data);
    long result =
        Syscall.call(
            state,
            SyscallNumber.EPOLL_CTL,
            fd.number(),
            operation,
            watched.number(),
            event.address());
    Syscall.check(result, "epoll_ctl(" + name + ")", watched.role());
  }

  /**
   * Hot: waits until something is ready.
   *
   * @param timeoutMillis -1 waits for ever, 0 not at all
   * @return how many events there are, or {@code -errno}; EINTR is the caller's to retry
   */
  public int await(CallState state, int timeoutMillis) {
    return (int)
        Syscall.call(
            state, SyscallNumber.EPOLL_WAIT, fd.number(), ready.address(), capacity, timeoutMillis);
  }

  /** The data of event {@code index} of the last wait. */
  public long data(int index) {
    return ready.get(DATA, (long) index * EVENT_SIZE + EVENT_DATA_OFFSET);
  }

  /** The event bits of event {@code index} of the last wait. */
  public int events(int index) {
    return ready.get(EVENTS, (long) index * EVENT_SIZE);
  }

  /** Call after the waiting thread has stopped. */
  @Override
  public void close() {
    fd.close();
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
