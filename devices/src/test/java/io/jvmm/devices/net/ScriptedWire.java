package io.jvmm.devices.net;

import io.jvmm.devices.io.IoLoop;
import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.memory.IovecArray;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * A backend whose other side is the test: frames come when it says so, and those that were sent are
 * there to be looked at. As a stream does, it can give and take a frame in two parts.
 */
final class ScriptedWire implements NetBackend {
  private static final int BIGGEST = NetHeader.SIZE + FRAME_MAX;

  final List<byte[]> sent = new CopyOnWriteArrayList<>();
  final List<Integer> pairCounts = new CopyOnWriteArrayList<>();
  final List<Long> guestOffloads = new CopyOnWriteArrayList<>();
  private final boolean header;
  private final int pairs;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment scratch = arena.allocate(BIGGEST);

  // Loop thread only.
  private final List<Queue<byte[]>> coming = new ArrayList<>();
  private @Nullable NetEvents events;
  private long sendAnswer;
  private int cutAt;
  private boolean isMidFrame;
  boolean vanishesWhileReceiving;
  boolean refusesPairs;
  Runnable onceSent = () -> {};
  int receiveCalls;
  int forgotten;
  int mtu;

  ScriptedWire(boolean header, int pairs) {
    this.header = header;
    this.pairs = pairs;
    for (int i = 0; i < pairs; i++) {
      coming.add(new ArrayDeque<>());
    }
  }

  /** Loop thread: a frame comes, header included where there is one. */
  void arrive(int pair, byte[] frame) {
    coming.get(pair).add(frame);
    NetEvents told = events;
    if (told != null) {
      told.receivable(CallState.current(), pair);
    }
  }

  /** Loop thread: the next frame comes in two parts, the first of so many bytes. */
  void cutNextAt(int bytes) {
    cutAt = bytes;
  }

  /** Loop thread: how sending ends from now on: 0, or {@code -errno}. */
  void answerSends(long answer) {
    sendAnswer = answer;
    NetEvents told = events;
    if (answer >= 0 && told != null) {
      for (int pair = 0; pair < pairs; pair++) {
        told.sendable(CallState.current(), pair);
      }
    }
  }

  /** Loop thread: the other side is gone. */
  void vanish() {
    NetEvents told = events;
    if (told != null) {
      sendAnswer = -Errno.EPIPE;
      told.gone(CallState.current(), "the other side is gone");
    }
  }

  @Override
  public String name() {
    return "test wire";
  }

  @Override
  public int maxQueuePairs() {
    return pairs;
  }

  @Override
  public boolean hasHeader() {
    return header;
  }

  @Override
  public long offloads() {
    return header ? NetFeatures.OFFLOADS : 0;
  }

  @Override
  public int mtu() {
    return mtu;
  }

  @Override
  public void attach(IoLoop loop, NetEvents told) {
    events = told;
  }

  @Override
  public boolean setQueuePairs(int count) {
    pairCounts.add(count);
    return !refusesPairs;
  }

  @Override
  public void setGuestOffloads(long features) {
    guestOffloads.add(features);
  }

  @Override
  public long tryReceive(CallState state, int pair, IovecArray buffers) {
    receiveCalls++;
    if (vanishesWhileReceiving) {
      vanish();
      return -Errno.EAGAIN;
    }
    byte[] frame = coming.get(pair).peek();
    if (frame == null) {
      return -Errno.EAGAIN;
    }
    int n = frame.length;
    MemorySegment.copy(frame, 0, scratch, ValueLayout.JAVA_BYTE, 0, n);
    if (cutAt > 0) {
      buffers.copyFrom(scratch, 0, cutAt);
      cutAt = -cutAt;
      isMidFrame = true;
      return -Errno.EAGAIN;
    }
    if (isMidFrame) {
      // Only what has not come: the rest of the buffers must still hold the first part.
      try (IovecArray rest = new IovecArray(IovecArray.IOV_MAX)) {
        rest.addFrom(buffers, -cutAt, buffers.byteCount() + cutAt);
        rest.copyFrom(scratch, -cutAt, n + cutAt);
      }
    } else {
      buffers.copyFrom(scratch, 0, n);
    }
    cutAt = 0;
    isMidFrame = false;
    coming.get(pair).remove();
    return n;
  }

  @Override
  public boolean isMidFrame(int pair) {
    return isMidFrame;
  }

  @Override
  public long trySend(CallState state, int pair, IovecArray frame) {
    if (sendAnswer < 0) {
      return sendAnswer;
    }
    byte[] bytes = new byte[(int) frame.byteCount()];
    frame.copyTo(scratch, 0, bytes.length);
    MemorySegment.copy(scratch, ValueLayout.JAVA_BYTE, 0, bytes, 0, bytes.length);
    sent.add(bytes);
    Runnable then = onceSent;
    onceSent = () -> {};
    then.run();
    return bytes.length;
  }

  @Override
  public void forget(CallState state, int pair) {
    forgotten++;
    isMidFrame = false;
  }

  @Override
  public void detach() {
    events = null;
  }

  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
