package io.jvmm.devices.io;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.EventFd;
import io.jvmm.host.Fd;
import io.jvmm.host.SyscallException;
import io.jvmm.host.epoll.Epoll;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One thread that waits for many descriptors and calls the handler of each that is ready. What a
 * handler owns is touched by this thread alone, and needs no lock.
 *
 * <p>A handler that throws is reported and no longer called: its descriptor would be ready for ever
 * and the loop would spin. The loop goes on for the others.
 *
 * <p>Threads: every method may be called by any thread, the loop's own included. From another
 * thread {@code register}, {@code modify} and {@code unregister} wait until the loop has done it,
 * so that after {@code unregister} the handler neither runs nor will run; do not call them with a
 * lock held that a handler takes. vCPU threads call none of them: they ring an {@link EventFd} that
 * is registered here.
 */
public final class IoLoop implements AutoCloseable {
  /** Events taken from the kernel at a time; more stay there for the next turn. */
  private static final int EVENTS_PER_WAIT = 64;

  private static final int INITIAL_SLOTS = 16;

  /**
   * How an {@link EventFd} that rings is best watched: each ring is an edge of its own, so nobody
   * needs to read the counter, which saves a system call a ring. (It is full after 2^64 of them.)
   */
  public static final int BELL = Epoll.EPOLLIN | Epoll.EPOLLET;

  private final String name;
  private final IoErrorListener errors;
  private final Epoll epoll;
  private final EventFd doorbell;
  private final Thread thread;

  /** Loop thread only: what is watched, by descriptor and by slot. */
  private final IdentityHashMap<Fd, Watch> watches = new IdentityHashMap<>();

  private @Nullable Watch[] slots = new Watch[INITIAL_SLOTS];

  /** Loop thread only: no slot below is free. */
  private int firstMaybeFree;

  /** Loop thread only: what is left for the end of the turn. */
  private final ArrayDeque<IoHandler> deferred = new ArrayDeque<>();

  private int registrations;
  private volatile boolean stopping;

  private final Object lock = new Object();
  // Guarded by lock.
  private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
  private boolean rung;
  private boolean accepting = true;
  private boolean released;

  private IoLoop(String name, IoErrorListener errors, Epoll epoll, EventFd doorbell) {
    this.name = name;
    this.errors = errors;
    this.epoll = epoll;
    this.doorbell = doorbell;
    this.thread = new Thread(this::run, name);
    thread.setDaemon(true);
  }

  /**
   * Starts a loop on a daemon thread of that name.
   *
   * @throws SyscallException where the host has no descriptor left
   */
  public static IoLoop start(String name, IoErrorListener errors) {
    Epoll epoll = Epoll.create(name, EVENTS_PER_WAIT);
    EventFd doorbell = null;
    try {
      doorbell = EventFd.create(name + " doorbell");
      IoLoop loop = new IoLoop(name, errors, epoll, doorbell);
      loop.add(doorbell.fd(), Epoll.EPOLLIN, loop::runTasks);
      loop.thread.start();
      return loop;
    } catch (RuntimeException | Error e) {
      if (doorbell != null) {
        doorbell.close();
      }
      epoll.close();
      throw e;
    }
  }

  /**
   * Watches a descriptor, which stays the caller's: unregister it before it is closed.
   *
   * @param events bits of {@link Epoll}; level-triggered unless EPOLLET is among them
   * @throws SyscallException EPERM where the descriptor cannot be waited for (a regular file)
   * @throws RejectedExecutionException after {@link #close()}
   */
  public void register(Fd fd, int events, IoHandler handler) {
    invoke(() -> add(fd, events, handler));
  }

  /**
   * Changes what a registered descriptor is watched for. On the loop's thread it is hot: it
   * allocates nothing.
   *
   * @throws IllegalStateException where it is not registered, or no longer
   */
  public void modify(Fd fd, int events) {
    if (isLoopThread()) {
      change(fd, events);
    } else {
      invoke(() -> change(fd, events));
    }
  }

  private void change(Fd fd, int events) {
    Watch watch = watches.get(fd);
    if (watch == null) {
      throw new IllegalStateException(fd + " is not registered with " + name);
    }
    epoll.modify(fd, events, watch.data);
  }

  /**
   * Forgets a descriptor. One that is not registered, or a loop that has stopped, is no error, so
   * that owners can clean up in any state.
   */
  public void unregister(Fd fd) {
    try {
      invoke(() -> remove(fd));
    } catch (RejectedExecutionException stopped) {
      // Nothing is called any more.
    }
  }

  /** Whether the caller is on the loop's thread. */
  public boolean isLoopThread() {
    return Thread.currentThread().equals(thread);
  }

  /**
   * Has a task run on the loop's thread, after those handed over before. Does not wait for it. What
   * a task hands over itself runs in a later turn, so tasks cannot keep descriptors waiting.
   *
   * @throws RejectedExecutionException after {@link #close()}
   */
  public void execute(Runnable task) {
    synchronized (lock) {
      if (!accepting) {
        throw new RejectedExecutionException(name + " has stopped");
      }
      tasks.add(task);
      if (!rung) {
        rung = true;
        doorbell.signal(CallState.current());
      }
    }
  }

  /**
   * Hot: has a handler called at the end of this turn, when every descriptor that was ready has had
   * its own, with no events. Deferred from there it is called at the end of the next turn, which
   * then waits for nothing. Allocates nothing once warm.
   *
   * <p>Threads: the loop's alone.
   */
  public void defer(IoHandler handler) {
    deferred.add(handler);
  }

  private void runDeferred(CallState state) {
    for (int left = deferred.size(); left > 0; left--) {
      try {
        deferred.remove().ready(state, 0);
      } catch (RuntimeException | Error e) {
        errors.ioFailed("deferred work", e);
      }
    }
  }

  /** Tells of a failure that keeps nobody from going on, as it tells of those of handlers. */
  void report(String what, Throwable cause) {
    errors.ioFailed(what, cause);
  }

  /**
   * Has a task run on the loop's thread, and waits until that has said that it is done, perhaps in
   * a later turn; interrupted or not. Where the loop has ended there is nothing to wait for.
   *
   * <p>Threads: any but the loop's.
   *
   * @param task runs what it is given when it is done, come what may
   * @return false where the loop has ended, and the task was not run
   */
  public boolean executeAndAwait(Consumer<Runnable> task) {
    CountDownLatch done = new CountDownLatch(1);
    try {
      execute(() -> task.accept(done::countDown));
    } catch (RejectedExecutionException e) {
      return false;
    }
    Handover.await(done);
    return true;
  }

  /**
   * Has a task run on the loop's thread, and waits until it has ended, interrupted or not. What it
   * throws is the loop's to report, as of any task: who takes something down goes on with the rest.
   *
   * <p>Threads: any but the loop's.
   *
   * @return false where the loop has ended, and the task was not run
   */
  public boolean runAndAwait(Runnable task) {
    return executeAndAwait(
        done -> {
          try {
            task.run();
          } finally { // somebody waits for this, whatever the task's trouble
            done.run();
          }
        });
  }

  /**
   * Has an action run on the loop's thread, if it is not this one, waits for its end and throws
   * what it threw.
   *
   * @throws RejectedExecutionException after {@link #close()}
   */
  public void invoke(Runnable action) {
    if (isLoopThread()) {
      action.run();
      return;
    }
    Handover handover = new Handover(action);
    execute(handover);
    handover.await();
  }

  // Loop thread, or the starter before there is one.
  private void add(Fd fd, int events, IoHandler handler) {
    if (watches.containsKey(fd)) {
      throw new IllegalStateException(fd + " is already registered with " + name);
    }
    int slot = freeSlot();
    // The number of the registration tells a late event of a slot's former owner from its new one.
    Watch watch = new Watch(fd, handler, slot, (long) registrations++ << 32 | slot);
    epoll.add(fd, events, watch.data);
    slots[slot] = watch;
    watches.put(fd, watch);
  }

  private int freeSlot() {
    for (int i = firstMaybeFree; i < slots.length; i++) {
      if (slots[i] == null) {
        firstMaybeFree = i;
        return i;
      }
    }
    int slot = slots.length;
    firstMaybeFree = slot;
    slots = Arrays.copyOf(slots, 2 * slot);
    return slot;
  }

  private void remove(Fd fd) {
    Watch watch = watches.remove(fd);
    if (watch == null) {
      return;
    }
    slots[watch.slot] = null;
    firstMaybeFree = Math.min(firstMaybeFree, watch.slot);
    if (!fd.isClosed()) { // a closed one has left the epoll set by itself
      epoll.remove(fd);
    }
  }

  private void run() {
    CallState state = CallState.current();
    try {
      while (!stopping) {
        turn(state);
      }
    } catch (RuntimeException | Error e) {
      errors.ioFailed(name, e);
    } finally {
      synchronized (lock) {
        accepting = false;
      }
      runTasks(state, 0); // nobody who waits for a task is left waiting
    }
  }

  /** A method of its own, so that it is compiled as one, and what it makes on the way vanishes. */
  private void turn(CallState state) {
    int count = epoll.await(state, deferred.isEmpty() ? -1 : 0);
    if (count < 0 && count != -Errno.EINTR) {
      throw new SyscallException("epoll_wait", name, -count);
    }
    for (int i = 0; i < count; i++) {
      dispatch(state, epoll.data(i), epoll.events(i));
    }
    runDeferred(state);
  }

  private void dispatch(CallState state, long data, int events) {
    Watch watch = slots[(int) data];
    if (watch == null || watch.data != data) {
      return; // forgotten by a handler that ran earlier in this turn
    }
    try {
      watch.handler.ready(state, events);
    } catch (RuntimeException | Error e) {
      abandon(watch);
      errors.ioFailed(watch.fd.role(), e);
    }
  }

  private void abandon(Watch watch) {
    try {
      remove(watch.fd);
    } catch (RuntimeException e) {
      errors.ioFailed(watch.fd.role(), e);
    }
  }

  /** Tasks that come meanwhile wait for another turn: descriptors get theirs before. */
  private void runTasks(CallState state, int events) {
    doorbell.drain(state);
    for (int left = taskCount(); left > 0; left--) {
      try {
        nextTask().run();
      } catch (RuntimeException | Error e) {
        errors.ioFailed("task", e);
      }
    }
    synchronized (lock) {
      rung = !tasks.isEmpty();
      if (rung) {
        doorbell.signal(state);
      }
    }
  }

  private int taskCount() {
    synchronized (lock) {
      return tasks.size();
    }
  }

  private Runnable nextTask() {
    synchronized (lock) {
      return tasks.remove(); // nobody else takes any
    }
  }

  /**
   * Stops the loop after the tasks that were handed over, waits for its thread, and closes what the
   * loop owns. Registered descriptors stay their owners'. A second call does nothing.
   *
   * @throws IllegalStateException on the loop's own thread, which cannot wait for itself
   */
  @Override
  public void close() {
    if (isLoopThread()) {
      throw new IllegalStateException(name + " cannot close itself");
    }
    stopping = true;
    synchronized (lock) {
      if (!released) {
        doorbell.signal(CallState.current());
      }
    }
    join();
    synchronized (lock) {
      released = true;
      doorbell.close();
      epoll.close();
    }
  }

  private void join() {
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public String toString() {
    return name;
  }

  private static final class Watch {
    final Fd fd;
    final IoHandler handler;
    final int slot;
    final long data;

    Watch(Fd fd, IoHandler handler, int slot, long data) {
      this.fd = fd;
      this.handler = handler;
      this.slot = slot;
      this.data = data;
    }
  }
}
