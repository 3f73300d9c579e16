package io.jvmm.devices.console;

import io.jvmm.devices.io.IoLoop;
import io.jvmm.devices.queue.ServedQueues;
import io.jvmm.host.CallState;
import io.jvmm.virtio.StatsSink;

/**
 * One port: its two queues, its host end, and whether either side has it open.
 *
 * <p>Threads: the device's I/O thread; any for the counters.
 */
final class ConsolePort implements HostEnd.Listener {
  private static final int RECEIVE_CHAINS_PER_TURN = 32;
  static final int TRANSMIT_CHAINS_PER_TURN = 8;

  private final int id;
  private final String name;
  private final HostEnd end;
  private final ControlQueue control;
  private final PortReceive receive;
  private final PortTransmit transmit;
  private final IoLoop loop;
  private final Runnable goOn = this::goOn;
  private boolean guestReady;
  private boolean guestOpen;

  /** {@link #hangUp} is on its way. */
  private boolean ending;

  /** Whoever is connected has gone, and perhaps not all that came from there is taken. */
  private boolean isClientGone;

  /** The driver has yet to take the message that the host's end is open, or no longer. */
  private boolean isTelling;

  /** What the guest has for somebody who is gone: the next one shall not have it. */
  private boolean isDiscarding;

  ConsolePort(int id, NamedPort port, IoLoop loop, ControlQueue control) {
    this.id = id;
    this.name = port.name();
    this.end = port.end();
    this.control = control;
    this.loop = loop;
    this.receive = new PortReceive(this, end);
    this.transmit = new PortTransmit(this, end, loop);
  }

  /** The queues: first the guest's input, then its output. */
  void addQueues(ServedQueues queues) {
    receive.connect(queues.add(receive, RECEIVE_CHAINS_PER_TURN));
    transmit.connect(queues.add(transmit, TRANSMIT_CHAINS_PER_TURN));
  }

  int id() {
    return id;
  }

  String name() {
    return name;
  }

  HostEnd end() {
    return end;
  }

  boolean isHostOpen() {
    return end.isConnected();
  }

  boolean isGuestOpen() {
    return guestOpen;
  }

  /** The driver knows the port (PORT_READY), or failed to. */
  void setGuestReady(boolean ready) {
    guestReady = ready;
  }

  /** A program in the guest has opened the port, or closed it: what it has not read is lost. */
  void setGuestOpen(CallState state, boolean open) {
    guestOpen = open;
    if (open) {
      receive.fill(state);
      receive.resume(state);
    } else {
      receive.clear();
      endIfGone();
    }
  }

  private void endIfGone() {
    if (isClientGone) {
      endLater();
    }
  }

  @Override
  public void connected(CallState state) {
    tellGuest(state);
    receive.fill(state);
    receive.resume(state);
    transmit.resume(state);
  }

  @Override
  public void readable(CallState state) {
    receive.fill(state);
    receive.resume(state);
  }

  @Override
  public void writable(CallState state) {
    transmit.goOn(state);
  }

  @Override
  public void hungUp(CallState state) {
    isClientGone = true;
    outputFailed(state);
  }

  /**
   * Whoever is connected reads no more. Bytes that are on their way to the guest still reach it;
   * their end is found behind them.
   */
  void outputFailed(CallState state) {
    if (!guestOpen) {
      endLater();
    } else if (receive.isEmpty()) {
      readable(state);
    }
  }

  /**
   * Whoever was connected is gone, and all that came from there is taken. Told in another turn,
   * when the driver can see what this one has for it: Linux takes no byte behind the end.
   */
  void endLater() {
    if (!ending) {
      ending = true;
      loop.execute(() -> hangUp(CallState.current()));
    }
  }

  /** Whether what the guest sends is wanted: by whoever is connected, or to be discarded. */
  boolean takesOutput() {
    return isDiscarding || (end.isConnected() && !ending);
  }

  boolean isDiscarding() {
    return isDiscarding;
  }

  private void hangUp(CallState state) {
    ending = false;
    isClientGone = false;
    end.disconnect(state);
    isDiscarding = true;
    transmit.discard(state);
    isDiscarding = guestReady; // until the driver has heard of it, as far as that can be known
    tellGuest(state);
  }

  private void tellGuest(CallState state) {
    if (guestReady) {
      control.tellOpen(state, this);
    }
  }

  /** Nothing goes to the guest before it is told whose it is. */
  void setTelling() {
    isTelling = true;
  }

  boolean isTelling() {
    return isTelling;
  }

  /** The driver has taken, or is about to see, all that it had to be told of the host's end. */
  void told() {
    isTelling = false;
    isDiscarding = false;
    loop.execute(goOn); // in another turn, behind what tells it
  }

  private void goOn() {
    CallState state = CallState.current();
    readable(state);
    transmit.resume(state);
  }

  /** The driver has reset the device. */
  void stop() {
    guestReady = false;
    guestOpen = false;
    isTelling = false;
    isDiscarding = false;
    receive.clear();
    transmit.forget();
    endIfGone();
  }

  void report(StatsSink sink) {
    sink.count("port." + name + ".read.bytes", receive.bytes());
    sink.count("port." + name + ".written.bytes", transmit.bytes());
  }

  /** After the loop has let go. */
  void close() {
    receive.close();
    end.close();
  }
}
