package io.jvmm.devices.block.nbd;

import io.jvmm.devices.block.DiskException;
import io.jvmm.devices.io.IoLoop;
import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.SyscallException;
import io.jvmm.host.TimerFd;
import io.jvmm.host.epoll.Epoll;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a connection to the server: moves what there is over it, and makes a new one when it is
 * lost.
 *
 * <p>Threads: the device's I/O thread, once it is attached.
 */
final class NbdConnection implements AutoCloseable {
  /** Whose requests these are. */
  interface Owner {
    /** Ends what waits for a connection, and the batch. */
    void fail(CallState state, int result);

    /** Hot: what the server has answered for now has been told; more may be begun inside. */
    void batchEnded(CallState state);
  }

  private static final long NANOS_PER_SECOND = 1_000_000_000L;
  private static final long NEVER = NbdPatience.NEVER;

  /** The first pause before another attempt; each one after it is twice as long. */
  private static final long PAUSE_MIN = NANOS_PER_SECOND / 10;

  private static final long PAUSE_MAX = 5 * NANOS_PER_SECOND;

  /**
   * How long a reset waits for a server that has requests: one that lives answers, and then none of
   * them can be done later, when the guest has begun anew. A vCPU waits meanwhile.
   */
  private static final long CANCEL_GRACE = 2 * NANOS_PER_SECOND;

  /** Told once a change: a hang-up that comes with the last data would go unseen otherwise. */
  private static final int EVENTS =
      Epoll.EPOLLIN | Epoll.EPOLLOUT | Epoll.EPOLLRDHUP | Epoll.EPOLLET;

  private static final int END_EVENTS = Epoll.EPOLLRDHUP | Epoll.EPOLLHUP | Epoll.EPOLLERR;

  private final NbdTarget target;
  private final boolean readOnly;
  private final NbdDialer dialer;
  private final NbdRequests requests;
  private final NbdSender sender;
  private final NbdReceiver receiver;
  private final Owner owner;
  private final NbdListener listener;
  private final NbdExport export;
  private final TimerFd timer;
  private final NbdPatience patience;
  private final long start = System.nanoTime();

  private @Nullable IoLoop loop;
  private @Nullable NbdLink link;
  private long serverSize;
  private boolean ending;

  // Times since the start.
  private long readyAt;
  private long nextTryAt = NEVER;
  private long attemptEndsAt = NEVER;
  private long failAt = NEVER;
  private long cancelAt = NEVER;
  private boolean again;

  private long pause = PAUSE_MIN;
  private boolean useful;
  private boolean gone;
  private boolean toldGone;
  private boolean toldUnfit;
  private boolean failing;

  /**
   * Takes ownership of the link.
   *
   * @param link one that is ready
   */
  NbdConnection(
      NbdTarget target,
      boolean readOnly,
      NbdDialer dialer,
      NbdLink link,
      NbdRequests requests,
      NbdSender sender,
      NbdReceiver receiver,
      Owner owner,
      NbdListener listener) {
    this.target = target;
    this.readOnly = readOnly;
    this.dialer = dialer;
    this.requests = requests;
    this.sender = sender;
    this.receiver = receiver;
    this.owner = owner;
    this.listener = listener;
    this.export = link.export();
    this.serverSize = export.size();
    this.timer = TimerFd.create("disk " + target.text() + " timer");
    this.patience = new NbdPatience(target.timeoutSeconds() * NANOS_PER_SECOND);
    this.link = link;
    requests.setPayloadMax(export.payloadMax());
  }

  void attach(IoLoop ownLoop) {
    loop = ownLoop;
    ownLoop.register(timer.fd(), Epoll.EPOLLIN, (state, events) -> timerWentOff(state));
    NbdLink first = link;
    if (first != null) {
      watch(ownLoop, first);
    }
  }

  private void watch(IoLoop ownLoop, NbdLink watched) {
    ownLoop.register(watched.fd(), EVENTS, this::socketReady);
  }

  /** What the server has said last. */
  long serverSize() {
    return serverSize;
  }

  /** Whether requests fail at once, since the server has been away for too long. */
  boolean isFailing() {
    return failing;
  }

  /** The server has done something, and the request is over. */
  void answered() {
    useful = true;
    patience.answered();
    if (requests.pendingCount() == 0) {
      cancelAt = NEVER; // the reset is over, and what begins next is none of its business
    }
    if (toldGone) {
      tellBack();
    }
  }

  private void tellBack() {
    toldGone = false;
    toldUnfit = false;
    listener.tell("disk " + target.text() + " is back");
  }

  /** Hot: sends what is queued. */
  void submit(CallState state) {
    NbdLink current = link;
    if (current != null && current.isReady() && requests.queued() > 0) {
      send(state, current);
    }
  }

  /** What is pending ends soon. */
  void cancel(CallState state) {
    if (requests.pendingCount() > 0) {
      cancelAt = isReady() ? now() + CANCEL_GRACE : 0;
      arm(state);
    }
  }

  private boolean isReady() {
    NbdLink current = link;
    return current != null && current.isReady();
  }

  private void socketReady(CallState state, int events) {
    ending |= (events & END_EVENTS) != 0;
    work(state);
  }

  private void work(CallState state) {
    NbdLink current = link;
    if (current == null) {
      return;
    }
    if (current.isReady()) {
      transfer(state, current);
      return;
    }
    try {
      switch (current.proceed(state)) {
        case READY -> established(state, current);
        case MORE -> goOnLater(state);
        case WAITING -> {} // the socket tells
      }
    } catch (DiskException e) {
      lost(state, "");
    }
  }

  private void transfer(CallState state, NbdLink current) {
    int received = receiver.receive(state, current.channel(), ending);
    if (received < 0) {
      lost(state, reason(received));
    } else if (received == NbdReceiver.MORE) {
      goOnLater(state);
    }
    owner.batchEnded(state);
    if (link == current) {
      send(state, current); // what waits in the channel too
    }
  }

  private void send(CallState state, NbdLink current) {
    int sent = sender.send(state, current.channel());
    if (sent < 0) {
      lost(state, reason(sent));
    } else if (sent == NbdSender.MORE) {
      goOnLater(state);
    } else if (patience.canBegin() && requests.pendingCount() > 0) {
      patience.begin(now(), moved());
      arm(state);
    }
  }

  /** Bytes, both ways. */
  private long moved() {
    return sender.moved() + receiver.moved();
  }

  private static String reason(int result) {
    return switch (-result) {
      case Errno.ECONNRESET, Errno.EPIPE -> "the server hung up";
      case Errno.EPROTO -> "the server sent what is no reply";
      case Errno.ESHUTDOWN -> "the server is shutting down";
      case Errno.ETIMEDOUT -> "the server is out of reach";
      default -> "the connection broke (" + Errno.symbol(-result) + ")";
    };
  }

  private void established(CallState state, NbdLink current) {
    attemptEndsAt = NEVER;
    String unfit = export.whyNot(current.export(), readOnly);
    if (unfit != null) {
      becomeUnfit(state, unfit);
      return;
    }
    serverSize = current.export().size();
    requests.setPayloadMax(current.export().payloadMax());
    requests.unsendAll(); // cut to what this server takes
    failing = false;
    failAt = NEVER;
    gone = false;
    useful = false;
    readyAt = now();
    if (toldGone && requests.pendingCount() == 0) {
      tellBack();
    }
    transfer(state, current);
    arm(state);
  }

  private void becomeUnfit(CallState state, String unfit) {
    if (!toldUnfit) {
      toldUnfit = true;
      toldGone = true;
      listener.tell("disk " + target.text() + " " + unfit + ": requests fail");
    }
    lost(state, unfit);
    startFailing(state);
  }

  private void startFailing(CallState state) {
    failing = true;
    failAt = NEVER;
    owner.fail(state, -Errno.EIO);
  }

  /** There is no connection any more, or there was none: there will be another attempt. */
  private void lost(CallState state, String why) {
    boolean wasReady = isReady();
    closeLink();
    requests.unsendAll();
    receiver.reset();
    long now = now();
    if (wasReady && (useful || now - readyAt >= PAUSE_MAX)) {
      pause = PAUSE_MIN;
    }
    useful = false;
    if (!gone) {
      gone = true;
      failAt =
          target.reconnectSeconds() == 0 || failing
              ? NEVER
              : now + target.reconnectSeconds() * NANOS_PER_SECOND;
    }
    if (!toldGone) {
      toldGone = true;
      listener.tell("disk " + target.text() + ": " + why + "; requests wait until it is back");
    }
    patience.end();
    attemptEndsAt = NEVER;
    nextTryAt = now + pause;
    pause = Math.min(2 * pause, PAUSE_MAX);
    if (cancelAt != NEVER) {
      cancelAt = 0;
    }
    arm(state);
  }

  private void closeLink() {
    NbdLink current = link;
    link = null;
    ending = false;
    if (current != null) {
      IoLoop watching = loop;
      if (watching != null) {
        watching.unregister(current.fd());
      }
      current.close();
    }
  }

  private void timerWentOff(CallState state) {
    timer.drain(state);
    again = false;
    work(state);
    long now = now();
    if (now >= failAt) {
      listener.tell("disk " + target.text() + " is still gone: requests fail");
      startFailing(state);
    }
    if (now >= cancelAt) {
      cancelNow(state);
    }
    if (now >= patience.endsAt()) {
      lookForSilence(state, now);
    }
    if (now >= attemptEndsAt) {
      lost(state, "");
    }
    if (now >= nextTryAt) {
      dial(state, now);
    }
    arm(state);
  }

  private void lookForSilence(CallState state, long now) {
    if (requests.pendingCount() == 0) {
      patience.end();
    } else if (patience.isOver(now, moved())) {
      lost(state, "the server has said nothing for " + target.timeoutSeconds() + " s or more");
    }
  }

  private void cancelNow(CallState state) {
    if (requests.pendingCount() > 0 && isReady()) {
      lost(state, "the server did not answer in time for a reset of the device");
    }
    cancelAt = NEVER;
    owner.fail(state, -Errno.ECANCELED);
  }

  private void dial(CallState state, long now) {
    nextTryAt = NEVER;
    attemptEndsAt = now + NbdDialer.LIMIT_NANOS;
    IoLoop watching = loop;
    if (watching == null) {
      return;
    }
    try {
      NbdLink fresh = dialer.dial();
      link = fresh;
      watch(watching, fresh);
    } catch (DiskException | SyscallException e) {
      lost(state, "");
    }
  }

  private void goOnLater(CallState state) {
    again = true;
    timer.set(state, 0);
  }

  /** Sets the timer to what comes first. */
  private void arm(CallState state) {
    if (again) {
      return; // it is set, and everything is looked at when it goes off
    }
    long next = Math.min(Math.min(nextTryAt, attemptEndsAt), Math.min(failAt, cancelAt));
    next = Math.min(next, patience.endsAt());
    if (next == NEVER) {
      timer.cancel(state);
    } else {
      timer.set(state, next - now());
    }
  }

  private long now() {
    return System.nanoTime() - start;
  }

  /** On the I/O thread, or when there is none. */
  @Override
  public void close() {
    IoLoop watching = loop;
    if (watching != null) {
      watching.unregister(timer.fd());
    }
    NbdLink current = link;
    if (current != null && current.isReady()) {
      sender.disconnect(CallState.current(), current.channel());
    }
    closeLink();
    timer.close();
  }
}
