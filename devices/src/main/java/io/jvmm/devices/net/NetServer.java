package io.jvmm.devices.net;

import io.jvmm.devices.io.IoLoop;
import io.jvmm.devices.io.RateLimiter;
import io.jvmm.devices.io.Throttle;
import io.jvmm.host.CallState;
import io.jvmm.virtio.DeviceNotifier;
import io.jvmm.virtio.QueueSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All queues of a network device, and what they have in common: the link, limits, the end of all
 * where the driver breaks one.
 *
 * <p>Threads: everything on the device's I/O thread, {@link #close} when it no longer calls.
 */
final class NetServer implements NetEvents, AutoCloseable {
  private final NetBackend backend;
  private final NetSpace space;
  private final Consumer<String> news;
  private final LinkState link = new LinkState();
  private final ReceiveFilter filter;
  private final long mac;
  private final ControlCommands commands;
  private final ReceiveQueue[] receive;
  private final TransmitQueue[] transmit;
  private final ControlQueue control;
  private final @Nullable Throttle receiveThrottle;
  private final @Nullable Throttle transmitThrottle;
  private boolean active;
  private @Nullable DeviceNotifier notifier;

  /** Which queue of several has its turn first, when time lets one through. */
  private int firstPair;

  NetServer(
      IoLoop loop,
      NetBackend backend,
      NetOptions options,
      NetSpace space,
      NetStats stats,
      Consumer<String> news) {
    this.backend = backend;
    this.space = space;
    this.news = news;
    this.mac = options.mac().bits();
    this.filter = new ReceiveFilter(mac);
    this.commands = new ControlCommands(backend, space, filter, options.queuePairs());
    this.receiveThrottle =
        throttle(
            options.receiveLimiter(),
            options,
            loop,
            () -> stats.receiveThrottled.add(1),
            this::receiveOpened);
    this.transmitThrottle =
        throttle(
            options.transmitLimiter(),
            options,
            loop,
            () -> stats.transmitThrottled.add(1),
            this::transmitOpened);
    NetQueue.BrokenListener listener = this::broken;
    this.receive = new ReceiveQueue[options.queuePairs()];
    this.transmit = new TransmitQueue[options.queuePairs()];
    for (int pair = 0; pair < receive.length; pair++) {
      receive[pair] =
          new ReceiveQueue(loop, listener, backend, pair, link, filter, receiveThrottle, stats);
      transmit[pair] =
          new TransmitQueue(loop, listener, backend, pair, link, transmitThrottle, stats);
    }
    this.control = new ControlQueue(loop, listener, commands, stats);
  }

  private static @Nullable Throttle throttle(
      @Nullable RateLimiter limiter,
      NetOptions options,
      IoLoop loop,
      Runnable whenShut,
      Throttle.Opened whenOpen) {
    return limiter == null
        ? null
        : new Throttle("net rate", limiter, options.clock(), loop, whenShut, whenOpen);
  }

  /** The driver is ready. */
  void start(QueueSet set) {
    CallState state = CallState.current();
    active = true;
    notifier = set.notifier();
    long features = agreed(set);
    filter.reset(mac);
    commands.agree(features);
    backend.setGuestOffloads(features & NetFeatures.GUEST_OFFLOADS);
    backend.setQueuePairs(1); // until the driver wants more (5.1.6.5.5)
    if (receiveThrottle != null) {
      receiveThrottle.start();
    }
    if (transmitThrottle != null) {
      transmitThrottle.start();
    }
    boolean several = set.has(NetFeatures.VIRTIO_NET_F_MQ);
    int pairs = several ? receive.length : 1;
    for (int pair = 0; pair < pairs; pair++) {
      receive[pair].start(state, set, 2 * pair);
      transmit[pair].start(state, set, 2 * pair + 1);
    }
    if (set.has(NetFeatures.VIRTIO_NET_F_CTRL_VQ)) {
      control.start(state, set, 2 * pairs); // right behind those that the driver knows (5.1.2)
    }
  }

  private static long agreed(QueueSet set) {
    long features = 0;
    for (int bit = 0; bit < Long.SIZE; bit++) {
      features |= set.has(1L << bit) ? 1L << bit : 0;
    }
    return features;
  }

  /** Forgets the queues. */
  void stop() {
    if (!active) {
      return;
    }
    active = false;
    notifier = null;
    space.setMac(mac); // what a driver has set is its own affair
    CallState state = CallState.current();
    for (int pair = 0; pair < receive.length; pair++) {
      receive[pair].stop(state);
      transmit[pair].stop(state);
    }
    control.stop(state);
    if (receiveThrottle != null) {
      receiveThrottle.stop();
    }
    if (transmitThrottle != null) {
      transmitThrottle.stop();
    }
  }

  /** Forgets one queue, while the others go on. */
  void stopQueue(int index) {
    CallState state = CallState.current();
    for (int pair = 0; pair < receive.length; pair++) {
      if (receive[pair].isServing(index)) {
        receive[pair].stop(state);
      } else if (transmit[pair].isServing(index)) {
        transmit[pair].stop(state);
      }
    }
    if (control.isServing(index)) {
      control.stop(state);
    }
  }

  /** The driver has made a queue anew. Nothing happens where another is broken by now. */
  void startQueue(int index, QueueSet set) {
    if (!active) {
      return;
    }
    CallState state = CallState.current();
    int pairs = set.has(NetFeatures.VIRTIO_NET_F_MQ) ? receive.length : 1;
    if (index == 2 * pairs) {
      control.start(state, set, index);
    } else if (index < 2 * pairs) {
      NetQueue queue = index % 2 == 0 ? receive[index / 2] : transmit[index / 2];
      queue.start(state, set, index);
    }
  }

  /** A driver that breaks one queue gets nothing more from any of them until it resets. */
  private void broken(CallState state, NetSession session) {
    stop();
    session.needsReset(state);
  }

  /** Plugs the cable in, or pulls it. */
  void setPluggedIn(boolean value) {
    boolean wasUp = link.isUp();
    link.setPluggedIn(value);
    linkChanged(CallState.current(), wasUp);
  }

  private void linkChanged(CallState state, boolean wasUp) {
    if (link.isUp() == wasUp) {
      return;
    }
    space.setLinkUp(link.isUp());
    DeviceNotifier told = notifier;
    if (told != null) {
      told.configChanged(state);
    }
  }

  @Override
  public void receivable(CallState state, int pair) {
    if (pair < receive.length) {
      receive[pair].receivable(state);
    }
  }

  @Override
  public void sendable(CallState state, int pair) {
    if (pair < transmit.length) {
      transmit[pair].sendable(state);
    }
  }

  @Override
  public void gone(CallState state, String reason) {
    boolean wasUp = link.isUp();
    link.setGone(true);
    linkChanged(state, wasUp);
    for (TransmitQueue queue : transmit) {
      queue.gone();
    }
    news.accept(backend.name() + ": " + reason + "; the guest's link is down");
  }

  @Override
  public void back(CallState state) {
    boolean wasUp = link.isUp();
    link.setGone(false);
    linkChanged(state, wasUp);
    news.accept(backend.name() + ": back" + (link.isUp() ? "; the guest's link is up" : ""));
  }

  private void receiveOpened(CallState state) {
    int from = nextPair();
    for (int i = 0; i < receive.length; i++) {
      receive[(from + i) % receive.length].serve(state);
    }
  }

  private void transmitOpened(CallState state) {
    int from = nextPair();
    for (int i = 0; i < transmit.length; i++) {
      transmit[(from + i) % transmit.length].serve(state);
    }
  }

  private int nextPair() {
    firstPair = (firstPair + 1) % receive.length;
    return firstPair;
  }

  @Override
  public void close() {
    for (int pair = 0; pair < receive.length; pair++) {
      receive[pair].close();
      transmit[pair].close();
    }
    if (receiveThrottle != null) {
      receiveThrottle.close();
    }
    if (transmitThrottle != null) {
      transmitThrottle.close();
    }
  }
}
