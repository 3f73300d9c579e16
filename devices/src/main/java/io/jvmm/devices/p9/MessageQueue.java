package io.jvmm.devices.p9;

import io.jvmm.devices.io.Crew;
import io.jvmm.devices.io.IoLoop;
import io.jvmm.devices.io.ReturnQueue;
import io.jvmm.devices.queue.ChainHandler;
import io.jvmm.devices.queue.Counter;
import io.jvmm.devices.queue.ServedQueue;
import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.SyscallException;
import io.jvmm.memory.GuestMemory;
import io.jvmm.virtio.StatsSink;
import io.jvmm.virtio.queue.DescriptorChain;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The device's one queue: messages to the session and to workers, replies back, in the order in
 * which they are ready.
 *
 * <p>Threads: the share's; any for the counters.
 */
final class MessageQueue implements ChainHandler, AutoCloseable {
  /** As many as Linux has; each is a message that may be under way. */
  static final int QUEUE_SIZE = 128;

  static final int CHAINS_PER_TURN = 32;

  /** Threads a share: what comes from the page cache needs no more than there are processors. */
  private static final int THREADS_MAX = 16;

  private final Share share;
  private final IoLoop loop;
  private final Session session;
  private final Division division;
  private final MessageWriter out = new MessageWriter(MessageWriter.SMALL);
  private final ArrayDeque<Request> free = new ArrayDeque<>();
  private final Request[] underWay = new Request[QUEUE_SIZE];
  private int underWayCount;

  /** A new version was asked for: everything before it ends first. */
  private @Nullable Request versionToCome;

  private @Nullable Runnable whenIdle;
  private @Nullable Crew<Request> crew;
  private @Nullable ServedQueue queue;

  private final Counter messages = new Counter();
  private final Counter refused = new Counter();
  private final Counter byWorkers = new Counter();
  private final Counter readBytes = new Counter();
  private final Counter writtenBytes = new Counter();

  /**
   * @param heldMax how many files may be held while they are not open
   */
  MessageQueue(Share share, IoLoop loop, int heldMax) {
    this.share = share;
    this.loop = loop;
    this.session = new Session(share, heldMax);
    this.division = new Division(share, loop);
  }

  void connect(ServedQueue own) {
    queue = own;
  }

  @Override
  public boolean isReady() {
    return underWayCount < QUEUE_SIZE
        && versionToCome == null
        && (underWayCount == 0 || !session.holdsTooMany());
  }

  @Override
  public long serve(CallState state, GuestMemory memory, DescriptorChain chain) {
    Request request = free.isEmpty() ? new Request() : free.pop();
    request.begin(chain.head());
    boolean fits = gather(request, chain);
    messages.add(1);
    if (chain.isBroken()) {
      free.push(request);
      return 0;
    }
    request.copyMessage(session.msize());
    if (!fits || !isMessage(request)) {
      refused.add(1);
      Reply.error(out, request, fits ? Errno.EINVAL : Errno.EMSGSIZE);
      return answered(request);
    }
    if (request.type() == P9.TFLUSH) {
      return flush(request);
    }
    if (request.type() == P9.TVERSION && underWayCount > 0) {
      versionToCome = request;
      return KEPT;
    }
    return take(state, request);
  }

  private static boolean gather(Request request, DescriptorChain chain) {
    boolean fits = true;
    while (chain.next()) {
      if (chain.length() > 0) {
        var side = chain.isWritable() ? request.writable() : request.readable();
        fits &= side.add(chain.hva(), chain.length());
      }
    }
    return fits;
  }

  private static boolean isMessage(Request request) {
    return request.copied() >= P9.HEADER_SIZE
        && request.size() >= P9.HEADER_SIZE
        && request.size() <= request.readable().byteCount();
  }

  private long answered(Request request) {
    int length = request.replyLength();
    free.push(request);
    return length;
  }

  private long take(CallState state, Request request) {
    if (session.holdsTooMany() && underWayCount == 0) {
      session.letGo(state);
    }
    if (session.take(state, request) != Session.FOR_A_WORKER) {
      return answered(request);
    }
    boolean isForHere = division.isForHere(request, underWayCount > 0 || knowsOfMore());
    Crew<Request> manned = isForHere ? null : crew != null ? crew : hire();
    if (manned == null) {
      division.perform(state, request);
      done(request);
      return answered(request);
    }
    underWay[underWayCount++] = request;
    manned.give(request);
    manned.wake(state, 1);
    return KEPT;
  }

  private boolean knowsOfMore() {
    ServedQueue own = queue;
    return own != null && own.knowsOfMore();
  }

  /** Null where the host has no descriptor or thread left: this thread does it all meanwhile. */
  private @Nullable Crew<Request> hire() {
    Crew<Request> hired = null;
    try {
      hired =
          new Crew<>(
              "share " + share.options().tag(),
              loop,
              THREADS_MAX,
              QUEUE_SIZE,
              () -> new FileWorker(share));
      loop.register(hired.done().fd(), IoLoop.BELL, this::collect);
      if (hired.isManned()) {
        crew = hired;
        return hired;
      }
      loop.unregister(hired.done().fd());
    } catch (SyscallException e) {
      // The next message tries again.
    }
    if (hired != null) {
      hired.close();
    }
    return null;
  }

  /** Tflush: oldtag[2]. It is answered behind the message it is about, which is let end. */
  private long flush(Request request) {
    int old = request.firstField() & 0xffff;
    for (int i = 0; i < underWayCount; i++) {
      Request other = underWay[i];
      if (other.tag() == old) {
        other.addFlush(request);
        return KEPT;
      }
    }
    out.begin();
    Reply.send(out, request);
    return answered(request);
  }

  /** What workers have done. */
  private void collect(CallState state, int events) {
    Crew<Request> manned = crew;
    ServedQueue own = queue;
    if (manned == null || own == null) {
      return;
    }
    ReturnQueue<Request> done = manned.done();
    done.rearm();
    int count = 0;
    Request request;
    while (count < QUEUE_SIZE && (request = done.poll()) != null) {
      finish(own, request);
      count++;
    }
    if (count == QUEUE_SIZE) {
      done.wakeAgain(state);
    }
    begin(state, own);
    own.resume(state); // shows what was answered, and takes what waited
    tellIdle();
  }

  /** A message was dealt with, here or by a worker. */
  private void done(Request request) {
    session.finish(request);
    switch (request.type()) {
      case P9.TREAD -> readBytes.add(request.dataBytes());
      case P9.TWRITE -> writtenBytes.add(request.dataBytes());
      default -> {}
    }
  }

  private void finish(ServedQueue own, Request request) {
    byWorkers.add(1);
    done(request);
    for (int i = 0; i < underWayCount; i++) {
      if (underWay[i] == request) {
        underWay[i] = underWay[--underWayCount];
        break;
      }
    }
    own.answer(request.head(), request.replyLength());
    Request flush = request.flush();
    free.push(request);
    while (flush != null) {
      Request next = flush.flush();
      out.begin();
      Reply.send(out, flush);
      own.answer(flush.head(), flush.replyLength());
      free.push(flush);
      flush = next;
    }
  }

  /** The version that everything had to end for. */
  private void begin(CallState state, ServedQueue own) {
    Request version = versionToCome;
    if (version != null && underWayCount == 0) {
      versionToCome = null;
      own.answer(version.head(), take(state, version));
    }
  }

  private void tellIdle() {
    Runnable told = whenIdle;
    if (told != null && underWayCount == 0) {
      whenIdle = null;
      session.forget();
      told.run();
    }
  }

  /** The queue is served no more: runs this when no worker is at work for it any more. */
  void stop(Runnable stopped) {
    Request version = versionToCome;
    if (version != null) {
      versionToCome = null;
      free.push(version);
    }
    whenIdle = stopped;
    tellIdle();
  }

  void report(StatsSink sink) {
    sink.count("messages", messages.get());
    sink.count("refused", refused.get());
    sink.count("by.workers", byWorkers.get());
    sink.count("read.bytes", readBytes.get());
    sink.count("write.bytes", writtenBytes.get());
    session.report(sink);
  }

  /** When it is stopped. */
  @Override
  public void close() {
    Crew<Request> manned = crew;
    if (manned != null) {
      loop.unregister(manned.done().fd());
      manned.close();
      crew = null;
    }
    free.clear();
  }
}
