package io.jvmm.devices.vsock;

import static io.jvmm.devices.vsock.VsockHeader.VIRTIO_VSOCK_OP_CREDIT_UPDATE;
import static io.jvmm.devices.vsock.VsockHeader.VIRTIO_VSOCK_OP_REQUEST;
import static io.jvmm.devices.vsock.VsockHeader.VIRTIO_VSOCK_OP_RESPONSE;
import static io.jvmm.devices.vsock.VsockHeader.VIRTIO_VSOCK_OP_RST;
import static io.jvmm.devices.vsock.VsockHeader.VIRTIO_VSOCK_OP_SHUTDOWN;
import static io.jvmm.devices.vsock.VsockHeader.VIRTIO_VSOCK_SHUTDOWN_RCV;
import static io.jvmm.devices.vsock.VsockHeader.VIRTIO_VSOCK_SHUTDOWN_SEND;
import static io.jvmm.devices.vsock.VsockHeader.VIRTIO_VSOCK_TYPE_SEQPACKET;

import io.jvmm.host.CallState;
import io.jvmm.memory.IovecArray;
import org.jspecify.annotations.Nullable;

/**
 * One connection: where it is on its way, whatever either side does. Data goes through {@link
 * Inflow} and {@link Outflow}; what the guest is told is its {@link Talk}.
 *
 * <p>Threads: the device's I/O thread.
 */
final class Connection implements HostEnd.Listener {
  /** {@link #say}: there was nothing. */
  static final int NOTHING = -1;

  /** Where a connection is on its way. */
  enum State {
    /** The host asks for it; the guest has not answered. */
    REQUESTED,
    /** Data may flow. */
    OPEN,
    /** The host's end is gone; the guest was told, and has yet to answer with its own end. */
    CLOSING,
    /** The guest is to be told RST, and nothing else. */
    ENDING,
    /** The guest has forgotten it; what it sent before is still on its way to the host's end. */
    LINGERING,
    /** Forgotten. */
    CLOSED
  }

  private static final int BOTH = VIRTIO_VSOCK_SHUTDOWN_RCV | VIRTIO_VSOCK_SHUTDOWN_SEND;

  private final Mux mux;
  private final Credit credit;
  private final HostEnd end;
  private final Inflow inflow;
  private final Outflow outflow;
  private final Talk talk;
  private State state;

  /** Bits of SHUTDOWN: what the guest has said for good, and what it is or will be told. */
  private int guestShutdown;

  private int hostShutdown;

  private boolean wasOpen;
  private boolean outputEnded;
  private boolean endClosed;

  // The waiting line's.
  boolean isInLine;
  @Nullable Connection nextInLine;

  // FlushTurns'.
  boolean isToFlush;

  // AllConnections'.
  @Nullable Connection nextOfAll;
  @Nullable Connection previousOfAll;

  /**
   * @param state {@link State#REQUESTED} or {@link State#OPEN}
   */
  Connection(
      Mux mux, int hostPort, int guestPort, int type, Credit credit, HostEnd end, State state) {
    this.mux = mux;
    this.credit = credit;
    this.end = end;
    this.state = state;
    boolean messages = type == VIRTIO_VSOCK_TYPE_SEQPACKET;
    this.inflow = new Inflow(credit, end, messages, mux.pool(), mux.vector());
    this.outflow = new Outflow(credit, end, messages, mux.pool(), mux.vector());
    this.talk = new Talk(hostPort, guestPort, type, credit, outflow);
    if (state == State.OPEN) {
      wasOpen = true;
      outflow.start();
      talk.add(VIRTIO_VSOCK_OP_RESPONSE);
    } else {
      talk.add(VIRTIO_VSOCK_OP_REQUEST);
    }
  }

  int hostPort() {
    return talk.hostPort();
  }

  int guestPort() {
    return talk.guestPort();
  }

  int type() {
    return talk.type();
  }

  Credit credit() {
    return credit;
  }

  HostEnd end() {
    return end;
  }

  boolean wasOpen() {
    return wasOpen;
  }

  private boolean isMessages() {
    return talk.type() == VIRTIO_VSOCK_TYPE_SEQPACKET;
  }

  private boolean guestSendsNoMore() {
    return (guestShutdown & VIRTIO_VSOCK_SHUTDOWN_SEND) != 0;
  }

  /** A kind of packet is to be sent, when it is this connection's turn. */
  private void tell(int op) {
    talk.add(op);
    mux.line(this);
  }

  // What comes from the guest.

  /** RESPONSE. */
  void granted(CallState call) {
    if (state != State.REQUESTED) {
      violated(call); // nobody has asked
      return;
    }
    state = State.OPEN;
    wasOpen = true;
    mux.opened();
    end.opened(call, this);
    outflow.start();
    outflow.becomesReadable();
    mux.line(this);
  }

  /**
   * RW.
   *
   * @param data of which nothing is kept after the call
   * @param isLast whether a message ends with it
   */
  void receive(CallState call, IovecArray data, boolean isLast) {
    int length = (int) data.byteCount();
    if (state == State.REQUESTED || guestSendsNoMore()) {
      violated(call);
      return;
    }
    if (state != State.OPEN) {
      return; // on its way when the guest heard of the end
    }
    if (!credit.receive(length)) {
      mux.stats().creditViolations.add(1);
      reset(call);
      return;
    }
    mux.stats().bytesFromGuest.add(length);
    if ((hostShutdown & VIRTIO_VSOCK_SHUTDOWN_RCV) != 0) {
      credit.forward(length);
    } else {
      received(call, inflow.receive(call, data, isLast));
    }
    tellCredit();
  }

  private void received(CallState call, int outcome) {
    switch (outcome) {
      case Inflow.MORE -> mux.flushLater(this);
      case Inflow.REFUSED -> stopReceiving();
      case Inflow.NO_ROOM -> {
        if (isMessages()) {
          violated(call); // too many empty ones
        } else {
          reset(call); // thousands of slow readers, and most of them of messages
        }
      }
      default -> {} // it was taken
    }
  }

  /** The guest has done what makes no sense for this connection. */
  void violated(CallState call) {
    mux.stats().malformed.add(1);
    reset(call);
  }

  /** SHUTDOWN. */
  void shutdown(CallState call, int flags) {
    guestShutdown |= flags & BOTH;
    switch (state) {
      case OPEN -> shutdownOpen(call);
      case CLOSING -> {
        if (guestShutdown == BOTH) {
          endWith(call, false);
        }
      }
      case REQUESTED -> endWith(call, true);
      default -> {} // it has no end left to shut down
    }
  }

  private void shutdownOpen(CallState call) {
    if (guestSendsNoMore() && inflow.isAmidMessage()) {
      violated(call);
      return;
    }
    if (guestShutdown == BOTH) {
      endWith(call, false);
      return;
    }
    if ((guestShutdown & VIRTIO_VSOCK_SHUTDOWN_RCV) != 0) {
      outflow.stop();
      if (end.isGone()) {
        hostGone(call);
        return;
      }
      end.shutdownInput(call);
    }
    endOutputWhenFlushed(call);
  }

  private void endOutputWhenFlushed(CallState call) {
    if (guestSendsNoMore() && inflow.isFlushed() && !outputEnded) {
      outputEnded = true;
      end.shutdownOutput(call);
    }
  }

  /** RST: the guest has forgotten it already. */
  void forgotten(CallState call) {
    if (state == State.ENDING) { // it has not waited for ours
      resetTold(call);
      return;
    }
    boolean orderly = state == State.CLOSING;
    if (wasOpen && !orderly) {
      mux.stats().reset.add(1);
    } else if (!wasOpen) {
      mux.stats().refused.add(1);
    }
    close(call, !orderly);
  }

  /** CREDIT_REQUEST. */
  void creditRequested() {
    if (state == State.OPEN) {
      tell(VIRTIO_VSOCK_OP_CREDIT_UPDATE);
    }
  }

  /** The header of each packet has been looked at. */
  void creditUpdated() {
    talk.creditUpdated();
    if (talk.hasMore()) {
      mux.line(this);
    }
  }

  // What comes from the host.

  @Override
  public void readable(CallState call) {
    if (outflow.isOpen()) {
      outflow.becomesReadable();
      mux.line(this);
    } else if (end.isGone()) {
      goneUnread(call);
    }
  }

  /** The host's end has gone, and there is nothing to be read. */
  private void goneUnread(CallState call) {
    switch (state) {
      case REQUESTED -> {
        mux.stats().refused.add(1);
        endWith(call, true);
      }
      case OPEN -> hostGone(call);
      case ENDING -> closeEnd(call, false);
      case LINGERING -> close(call, false);
      default -> {} // it has let go of its end
    }
  }

  @Override
  public void writable(CallState call) {
    switch (state) {
      case OPEN -> {
        if (flush(call)) {
          endOutputWhenFlushed(call);
          tellCredit();
        } else {
          stopReceiving();
        }
      }
      case ENDING -> { // whether or not the guest takes its RST now
        if (!endClosed && (!flush(call) || inflow.isFlushed())) {
          closeEnd(call, false);
        }
      }
      case LINGERING -> {
        if (!flush(call) || inflow.isFlushed()) {
          close(call, false);
        }
      }
      default -> {} // nothing is on its way
    }
  }

  /** Answers whether the host's end still takes anything. */
  private boolean flush(CallState call) {
    int outcome = inflow.flush(call);
    if (outcome == Inflow.MORE) {
      mux.flushLater(this);
    }
    return outcome != Inflow.REFUSED;
  }

  /** The host's end takes nothing any more: what the guest sends is thrown away. */
  private void stopReceiving() {
    inflow.drop();
    credit.forwardAll();
    if (!guestSendsNoMore()) {
      tellShutdown(VIRTIO_VSOCK_SHUTDOWN_RCV);
    }
  }

  private void tellShutdown(int flags) {
    if ((hostShutdown & flags) != flags) {
      hostShutdown |= flags;
      if ((flags & VIRTIO_VSOCK_SHUTDOWN_SEND) != 0) {
        outflow.stop();
      }
      tell(VIRTIO_VSOCK_OP_SHUTDOWN);
    }
  }

  /** The host's end has gone, and everything that it sent was read. */
  private void hostGone(CallState call) {
    tellShutdown(BOTH);
    if (guestShutdown == BOTH) {
      endWith(call, false);
      return;
    }
    state = State.CLOSING;
    closeEnd(call, false);
  }

  private void tellCredit() {
    if (state == State.OPEN && isCreditWorthTelling()) {
      tell(VIRTIO_VSOCK_OP_CREDIT_UPDATE);
    }
  }

  /** A sender of messages may wait for room for all of one. */
  private boolean isCreditWorthTelling() {
    return credit.isWorthTelling() || (isMessages() && inflow.isFlushed() && credit.hasUntold());
  }

  // What goes to the guest.

  /** Whether {@link #say} may have something. */
  boolean hasMore() {
    return talk.hasMore();
  }

  /**
   * Hot: tells the guest one thing.
   *
   * @param header gets ports, credit and what it is
   * @param room where data goes; may be used up
   * @return how many bytes of data there are, or {@link #NOTHING}
   */
  int say(CallState call, VsockHeader header, IovecArray room) {
    int length = talk.data(call, header, room);
    if (length > 0) {
      mux.stats().bytesToGuest.add(length);
      return length;
    }
    if (length != Outflow.NOTHING) {
      readEnded(call, length); // which may be what there is to tell
    }
    int op = talk.notice(header, hostShutdown);
    if (op == VIRTIO_VSOCK_OP_RST) {
      resetTold(call);
    }
    return op == Notices.NONE ? NOTHING : 0;
  }

  private void readEnded(CallState call, int how) {
    if (how == Outflow.BROKEN) {
      reset(call);
    } else if (end.isGone()) {
      hostGone(call);
    } else {
      tellShutdown(VIRTIO_VSOCK_SHUTDOWN_SEND);
    }
  }

  // The end.

  /** Ends it before its time: the guest is told RST. */
  void reset(CallState call) {
    switch (state) {
      case REQUESTED, OPEN, CLOSING -> {
        if (wasOpen) {
          mux.stats().reset.add(1);
        }
        inflow.drop();
        endWith(call, true);
      }
      case ENDING -> closeEnd(call, true);
      default -> close(call, true);
    }
  }

  /** Tells the guest RST; what it has sent still goes to the host, unless this is a reset. */
  private void endWith(CallState call, boolean reset) {
    state = State.ENDING;
    talk.endWith(VIRTIO_VSOCK_OP_RST);
    outflow.stop();
    mux.line(this);
    if (reset || inflow.isFlushed() || endClosed) {
      closeEnd(call, reset);
    } else {
      end.shutdownInput(call);
    }
  }

  /** The guest has forgotten it: its ports are free, whatever there is still to do. */
  private void resetTold(CallState call) {
    talk.end();
    mux.forget(this);
    if (endClosed || inflow.isFlushed()) {
      close(call, false);
    } else {
      state = State.LINGERING;
      writable(call);
    }
  }

  private void closeEnd(CallState call, boolean reset) {
    if (!endClosed) {
      endClosed = true;
      inflow.drop();
      outflow.stop();
      outflow.drop();
      end.close(call, reset);
    }
  }

  /** Forgets it, whatever its state, without a word to the guest. */
  void close(CallState call, boolean reset) {
    if (state == State.CLOSED) {
      return;
    }
    closeEnd(call, reset);
    state = State.CLOSED;
    talk.end();
    mux.closed(this);
  }
}
