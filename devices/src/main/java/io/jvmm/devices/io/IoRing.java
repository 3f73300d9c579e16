package io.jvmm.devices.io;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.Fd;
import io.jvmm.host.SyscallException;
import io.jvmm.host.epoll.Epoll;
import io.jvmm.host.uring.CompletionQueue;
import io.jvmm.host.uring.IoUring;
import io.jvmm.host.uring.Sqe;
import io.jvmm.host.uring.SubmissionQueue;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * An io_uring that all disks of one {@link IoLoop} share. What they ask for in a turn of the loop
 * is begun at the turn's end by one system call, and what that call has done at once is told right
 * after it, without another. What takes longer makes the ring's descriptor ready.
 *
 * <p>Threads: the loop's, but for {@link #create}, {@link #join}, {@link #leave} and {@link
 * #close}, which are the owner's.
 */
public final class IoRing implements AutoCloseable {
  /** Clients of a ring; a machine has fewer places for devices. */
  public static final int CLIENTS_MAX = 64;

  /** Operations begun by one system call; more of them in a turn make more calls. */
  private static final int SUBMISSIONS = 128;

  /** Ends told in one turn: others on the loop get theirs then. */
  private static final int ENDS_PER_TURN = 512;

  /**
   * Who begins operations and hears of their ends, on the loop's thread. What it throws there is
   * reported, and costs no other end: neither its own nor another client's.
   */
  public interface Client {
    /**
     * Hot: an operation has ended.
     *
     * @param operation as it was begun with
     * @param result as the operation's call answers, {@code -errno} where it failed
     */
    void ended(CallState state, int operation, int result);

    /** Hot: no more of them for now. */
    void endsTold(CallState state);
  }

  private final IoUring ring;
  private final @Nullable Client[] clients = new Client[CLIENTS_MAX];
  private final IoHandler flush = this::flush;
  private int joined;
  private @Nullable IoLoop loop;
  private volatile boolean enabled;
  private boolean scheduled;

  private IoRing(IoUring ring) {
    this.ring = ring;
  }

  /**
   * Makes a ring that no loop has yet.
   *
   * @param operationsMax how many operations all clients together have pending
   * @throws SyscallException ENOSYS or EPERM where the host has no io_uring for this process,
   *     ENOMEM where it may lock no more memory
   */
  public static IoRing create(String role, int operationsMax) {
    IoUring ring = IoUring.create(role, SUBMISSIONS, operationsMax);
    try {
      ring.registerFiles(CLIENTS_MAX);
      return new IoRing(ring);
    } catch (RuntimeException e) {
      ring.close();
      throw e;
    }
  }

  /**
   * Takes a client and its file.
   *
   * @param loop the same for all clients
   * @return its place: what its operations name the file by
   * @throws IllegalStateException where there are too many
   */
  public int join(IoLoop loop, Client client, Fd file) {
    IoLoop others = this.loop;
    if (others != null && others != loop) {
      throw new IllegalStateException("a ring is one loop's");
    }
    for (int place = 0; place < CLIENTS_MAX; place++) {
      if (clients[place] == null) {
        this.loop = loop;
        int free = place;
        onRing(loop, () -> ring.setFile(free, file));
        clients[place] = client;
        joined++;
        return place;
      }
    }
    throw new IllegalStateException("a ring has room for " + CLIENTS_MAX);
  }

  /** Once it is enabled a ring is its loop's thread's alone. */
  private void onRing(IoLoop loop, Runnable action) {
    if (enabled) {
      loop.invoke(action);
    } else {
      action.run();
    }
  }

  /**
   * Forgets a client, which has nothing pending. With the last one the kernel lets go of all files,
   * and nobody can join any more.
   */
  public void leave(int place) {
    IoLoop own = loop;
    clients[place] = null;
    if (own == null || --joined > 0) {
      return;
    }
    if (enabled) {
      own.unregister(ring.fd());
    }
    try {
      onRing(own, ring::unregisterFiles);
    } catch (RejectedExecutionException stopped) {
      // The kernel lets go of them with the ring.
    }
  }

  /**
   * Hot: an entry to be filled, and to be begun at the end of the turn.
   *
   * @return null where the host cannot take any at the moment
   */
  public @Nullable Sqe next(CallState state) {
    SubmissionQueue queue = ring.submission();
    Sqe entry = queue.next();
    if (entry == null) {
      enter(state);
      entry = queue.next();
    }
    schedule();
    return entry;
  }

  /** Hot: what an operation of a client is to have as its user data. */
  public static long userData(int place, int operation) {
    return (long) place << 32 | Integer.toUnsignedLong(operation);
  }

  private void schedule() {
    IoLoop own = loop;
    if (!scheduled && own != null) {
      scheduled = true;
      own.defer(flush);
    }
  }

  /** The end of a turn in which operations were asked for, or a turn in which some have ended. */
  private void flush(CallState state, int events) {
    if (events == 0) {
      scheduled = false; // the ring's descriptor has events, and leaves what is deferred to come
    }
    if (ring.needsEnter()) {
      enter(state);
    }
    tell(state);
    if (ring.submission().unsubmitted() > 0 || ring.completion().hasNext()) {
      schedule();
    }
  }

  /** What the host does not take now stays in the queue for the next turn. */
  private void enter(CallState state) {
    if (!enabled) {
      enable();
    }
    int left = ring.enter(state);
    if (left < 0 && left != -Errno.EAGAIN && left != -Errno.EBUSY && left != -Errno.EINTR) {
      throw new SyscallException("io_uring_enter", ring.fd().role(), -left);
    }
  }

  private void enable() {
    IoLoop own = loop;
    if (own == null) {
      throw new IllegalStateException("nobody has joined");
    }
    ring.enable();
    enabled = true;
    own.register(ring.fd(), Epoll.EPOLLIN, flush);
  }

  private void tell(CallState state) {
    CompletionQueue ends = ring.completion();
    long told = 0;
    int left = ENDS_PER_TURN;
    while (left-- > 0 && ends.next()) {
      long data = ends.userData();
      int result = ends.result();
      int place = (int) (data >>> 32);
      Client client = clients[place];
      if (client != null) {
        told |= 1L << place;
        tellOne(state, client, (int) data, result);
      }
    }
    ends.release();
    while (told != 0) {
      Client client = clients[Long.numberOfTrailingZeros(told)];
      told &= told - 1;
      if (client != null) {
        tellAll(state, client);
      }
    }
  }

  private void tellOne(CallState state, Client client, int operation, int result) {
    try {
      client.ended(state, operation, result);
    } catch (RuntimeException | Error e) {
      report(e);
    }
  }

  private void tellAll(CallState state, Client client) {
    try {
      client.endsTold(state);
    } catch (RuntimeException | Error e) {
      report(e);
    }
  }

  private void report(Throwable cause) {
    IoLoop own = loop;
    if (own != null) {
      own.report(ring.fd().role(), cause);
    }
  }

  /** When all clients have left; the loop may have been closed. */
  @Override
  public void close() {
    ring.close();
  }
}
