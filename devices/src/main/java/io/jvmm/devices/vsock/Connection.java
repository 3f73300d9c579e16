package io.jvmm.devices.vsock;

import static io.jvmm.devices.vsock.VsockHeader.VIRTIO_VSOCK_SEQ_EOM;
import static io.jvmm.devices.vsock.VsockHeader.VIRTIO_VSOCK_SHUTDOWN_RCV;
import static io.jvmm.devices.vsock.VsockHeader.VIRTIO_VSOCK_SHUTDOWN_SEND;
import static io.jvmm.devices.vsock.VsockHeader.VIRTIO_VSOCK_TYPE_SEQPACKET;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.memory.IovecArray;
import org.jspecify.annotations.Nullable;

/**
 * One connection. {@link #say} tells the guest one thing at a time; what is to be told is kept as
 * bits.
 *
 * <p>Threads: the device's I/O thread.
 */
final class Connection implements HostEnd.Listener {
  /** {@link #say}: there was nothing. */
  static final int NOTHING = -1;

  /** The longest message of the host; the guest's default room is four times as much. */
  static final int MESSAGE_MAX = 64 * 1024;

  /** What is passed on to the host's end in one go: then others get their turn. */
  private static final int FLUSH_MAX = 256 * 1024;

  /** What a write counts as in that beside its bytes, since messages may have none. */
  private static final int WRITE_COST = 4096;

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

  private static final int REQUEST = 1;
  private static final int RESPONSE = 1 << 1;
  private static final int RESET = 1 << 2;
  private static final int CREDIT_UPDATE = 1 << 3;
  private static final int CREDIT_REQUEST = 1 << 4;
  private static final int SHUTDOWN = 1 << 5;

  private static final int BOTH = VIRTIO_VSOCK_SHUTDOWN_RCV | VIRTIO_VSOCK_SHUTDOWN_SEND;

  private final Mux mux;
  private final int hostPort;
  private final int guestPort;
  private final int type;
  private final Credit credit;
  private final HostEnd end;

  /** What the guest sent and the host's end has not taken. */
  private final ByteFifo toHost;

  /** Where the guest's messages end in that, and how much there is of the one that has no end. */
  private final @Nullable MessageLengths messages;

  private int unended;

  /** What is left of the host's message that the guest is getting. */
  private final @Nullable ByteFifo message;

  private State state;

  /** What is to be told, of {@link #REQUEST} and so on. */
  private int toTell;

  /** Bits of SHUTDOWN: what the guest has said for good, and what it is or will be told. */
  private int guestShutdown;

  private int hostShutdown;

  /** There may be something to read at the host's end. */
  private boolean readable;

  /** The guest was asked for more room, and has not said anything since. */
  private boolean creditRequested;

  private boolean wasOpen;
  private boolean outputEnded;
  private boolean endClosed;

  // The waiting line's.
  boolean isInLine;
  @Nullable Connection nextInLine;

  // The Mux's list of those with more for the host's end than goes in one turn.
  boolean isToFlush;

  // The Mux's list of all.
  @Nullable Connection nextOfAll;
  @Nullable Connection previousOfAll;

  Connection(
      Mux mux, int hostPort, int guestPort, int type, Credit credit, HostEnd end, State state) {
    this.mux = mux;
    this.hostPort = hostPort;
    this.guestPort = guestPort;
    this.type = type;
    this.credit = credit;
    this.end = end;
    this.state = state;
    this.toHost = new ByteFifo(mux.pool());
    boolean packets = type == VIRTIO_VSOCK_TYPE_SEQPACKET;
    this.messages = packets ? new MessageLengths(mux.pool()) : null;
    this.message = packets ? new ByteFifo(mux.pool()) : null;
    if (state == State.OPEN) {
      wasOpen = true;
      toTell = RESPONSE;
    } else {
      toTell = REQUEST;
    }
  }

  int hostPort() {
    return hostPort;
  }

  int guestPort() {
    return guestPort;
  }

  int type() {
    return type;
  }

  State state() {
    return state;
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

  // What comes from the guest.

  /** RESPONSE; false where nobody has asked. */
  boolean granted(CallState call) {
    if (state != State.REQUESTED) {
      return false;
    }
    state = State.OPEN;
    wasOpen = true;
    mux.opened();
    end.opened(call, this);
    readable = true;
    mux.line(this);
    return true;
  }

  /**
   * RW.
   *
   * @param data of which nothing is kept after the call
   */
  void receive(CallState call, IovecArray data, int flags) {
    int length = (int) data.byteCount();
    if (state == State.REQUESTED || (guestShutdown & VIRTIO_VSOCK_SHUTDOWN_SEND) != 0) {
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
    } else if (messages == null) {
      receiveBytes(call, data);
    } else {
      receiveMessage(call, messages, data, (flags & VIRTIO_VSOCK_SEQ_EOM) != 0);
    }
    tellCredit();
  }

  /** The guest has done what makes no sense for this connection. */
  void violated(CallState call) {
    mux.stats().malformed.add(1);
    reset(call);
  }

  private void receiveBytes(CallState call, IovecArray data) {
    if (toHost.isEmpty() && data.byteCount() > 0) {
      long n = end.tryWrite(call, data);
      if (n > 0) {
        credit.forward((int) n);
        data.advance(n);
      } else if (n != -Errno.EAGAIN) {
        stopReceiving();
        return;
      }
    }
    if (!toHost.append(data)) {
      reset(call); // thousands of slow readers, and most of them of messages
    }
  }

  private void receiveMessage(
      CallState call, MessageLengths ends, IovecArray data, boolean isLast) {
    int length = (int) data.byteCount();
    if (isLast && toHost.isEmpty() && ends.isEmpty()) {
      long n = end.tryWrite(call, data);
      if (n >= 0) {
        credit.forward(length);
        return;
      }
      if (n != -Errno.EAGAIN) {
        stopReceiving();
        return;
      }
    }
    unended += length;
    if (!toHost.append(data) || (isLast && !ends.add(unended))) {
      violated(call); // too many empty messages
      return;
    }
    if (isLast) {
      unended = 0;
      if (!flush(call)) {
        stopReceiving();
      }
    }
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
    if ((guestShutdown & VIRTIO_VSOCK_SHUTDOWN_SEND) != 0 && unended > 0) {
      violated(call); // a message without its end
      return;
    }
    if (guestShutdown == BOTH) {
      endWith(call, false);
      return;
    }
    if ((guestShutdown & VIRTIO_VSOCK_SHUTDOWN_RCV) != 0) {
      readable = false;
      if (end.isGone()) {
        hostGone(call);
        return;
      }
      end.shutdownInput(call);
    }
    endOutputWhenFlushed(call);
  }

  private void endOutputWhenFlushed(CallState call) {
    if ((guestShutdown & VIRTIO_VSOCK_SHUTDOWN_SEND) != 0 && isFlushed() && !outputEnded) {
      outputEnded = true;
      end.shutdownOutput(call);
    }
  }

  private boolean isFlushed() {
    return toHost.isEmpty() && (messages == null || messages.isEmpty());
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
      toTell |= CREDIT_UPDATE;
      mux.line(this);
    }
  }

  /** The header of each packet has been looked at. */
  void creditUpdated() {
    if (credit.available() > 0) {
      creditRequested = false;
      toTell &= ~CREDIT_REQUEST;
    }
    if (hasMore()) {
      mux.line(this);
    }
  }

  // What comes from the host.

  @Override
  public void readable(CallState call) {
    if (flowsToGuest()) {
      readable = true;
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
        if (!endClosed && (!flush(call) || isFlushed())) {
          closeEnd(call, false);
        }
      }
      case LINGERING -> {
        if (!flush(call) || isFlushed()) {
          close(call, false);
        }
      }
      default -> {} // nothing is on its way
    }
  }

  /** Answers whether the host's end still takes anything. */
  private boolean flush(CallState call) {
    int budget = FLUSH_MAX;
    IovecArray vector = mux.vector();
    while (!isFlushed() && budget > 0) {
      MessageLengths ends = messages;
      int length = Math.min(toHost.size(), budget);
      if (ends != null) {
        if (ends.isEmpty()) {
          return true; // the message has no end yet
        }
        length = ends.first();
      }
      vector.clear();
      toHost.gather(vector, length);
      budget -= WRITE_COST;
      long n = end.tryWrite(call, vector);
      if (n == -Errno.EAGAIN) {
        return true;
      }
      if (n < 0 || (n == 0 && length > 0)) {
        return false;
      }
      int passed = ends == null ? (int) n : length;
      toHost.consume(passed);
      credit.forward(passed);
      budget -= passed;
      if (ends != null) {
        ends.remove();
      } else if (n < length) {
        return true;
      }
    }
    if (budget <= 0 && !isFlushed()) {
      mux.flushLater(this);
    }
    return true;
  }

  /** The host's end takes nothing any more: what the guest sends is thrown away. */
  private void stopReceiving() {
    dropInbound();
    credit.forwardAll();
    if ((guestShutdown & VIRTIO_VSOCK_SHUTDOWN_SEND) == 0) {
      tellShutdown(VIRTIO_VSOCK_SHUTDOWN_RCV);
    }
  }

  private void tellShutdown(int flags) {
    if ((hostShutdown & flags) != flags) {
      hostShutdown |= flags;
      toTell |= SHUTDOWN;
      mux.line(this);
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
    readable = false;
    closeEnd(call, false);
  }

  private void tellCredit() {
    if (state == State.OPEN && (toTell & CREDIT_UPDATE) == 0 && isCreditWorthTelling()) {
      toTell |= CREDIT_UPDATE;
      mux.line(this);
    }
  }

  /** A sender of messages may wait for room for all of one. */
  private boolean isCreditWorthTelling() {
    return credit.isWorthTelling() || (messages != null && isFlushed() && credit.hasUntold());
  }

  // What goes to the guest.

  /** Whether {@link #say} may have something. */
  boolean hasMore() {
    if (toTell == 0 && hasData() && credit.available() == 0 && !creditRequested) {
      creditRequested = true;
      toTell = CREDIT_REQUEST;
    }
    return toTell != 0 || canRead();
  }

  private boolean canRead() {
    return hasData() && credit.available() > 0;
  }

  private boolean hasData() {
    return flowsToGuest() && (readable || (message != null && !message.isEmpty()));
  }

  /** Neither the host nor the guest has ended this direction. */
  private boolean flowsToGuest() {
    return state == State.OPEN
        && (hostShutdown & VIRTIO_VSOCK_SHUTDOWN_SEND) == 0
        && (guestShutdown & VIRTIO_VSOCK_SHUTDOWN_RCV) == 0;
  }

  /**
   * Hot: tells the guest one thing.
   *
   * @param header gets ports, credit and what it is
   * @param room where data goes; may be used up
   * @return how many bytes of data there are, or {@link #NOTHING}
   */
  int say(CallState call, VsockHeader header, IovecArray room) {
    header.setPorts(hostPort, guestPort);
    if ((toTell & RESET) != 0) {
      header.setPacket(type, VsockHeader.VIRTIO_VSOCK_OP_RST, 0, 0);
      header.setCredit(credit.bufAlloc(), credit.forwarded());
      resetTold(call);
      return 0;
    }
    if ((toTell & REQUEST) != 0) {
      return control(header, REQUEST, VsockHeader.VIRTIO_VSOCK_OP_REQUEST, 0);
    }
    if ((toTell & RESPONSE) != 0) {
      return control(header, RESPONSE, VsockHeader.VIRTIO_VSOCK_OP_RESPONSE, 0);
    }
    if ((toTell & SHUTDOWN) == 0 && canRead()) {
      int n = message == null ? sayBytes(call, header, room) : sayMessage(call, header, room);
      if (n > 0) {
        return n;
      }
    }
    if ((toTell & RESET) != 0) { // found while reading
      return say(call, header, room);
    }
    if ((toTell & SHUTDOWN) != 0) {
      return control(header, SHUTDOWN, VsockHeader.VIRTIO_VSOCK_OP_SHUTDOWN, hostShutdown);
    }
    if ((toTell & CREDIT_UPDATE) != 0) {
      return control(header, CREDIT_UPDATE, VsockHeader.VIRTIO_VSOCK_OP_CREDIT_UPDATE, 0);
    }
    if ((toTell & CREDIT_REQUEST) != 0) {
      return control(header, CREDIT_REQUEST, VsockHeader.VIRTIO_VSOCK_OP_CREDIT_REQUEST, 0);
    }
    return NOTHING;
  }

  private int control(VsockHeader header, int bit, int op, int flags) {
    toTell &= ~(bit | CREDIT_UPDATE);
    header.setPacket(type, op, flags, 0);
    tellRoom(header);
    return 0;
  }

  private void tellRoom(VsockHeader header) {
    header.setCredit(credit.bufAlloc(), credit.forwarded());
    credit.tell();
  }

  private int data(VsockHeader header, int length, int flags) {
    toTell &= ~CREDIT_UPDATE;
    credit.send(length);
    mux.stats().bytesToGuest.add(length);
    header.setPacket(type, VsockHeader.VIRTIO_VSOCK_OP_RW, flags, length);
    tellRoom(header);
    return length;
  }

  private int sayBytes(CallState call, VsockHeader header, IovecArray room) {
    IovecArray window = mux.vector();
    window.clear();
    window.addFrom(room, 0, Math.min(room.byteCount(), credit.available()));
    if (window.byteCount() == 0) {
      return 0; // a buffer without room for data
    }
    long n = end.tryRead(call, window);
    if (n > 0) {
      return data(header, (int) n, 0);
    }
    readEnded(call, n);
    return 0;
  }

  private void readEnded(CallState call, long n) {
    readable = false;
    if (n == -Errno.EAGAIN) {
      return;
    }
    if (n < 0) {
      reset(call);
    } else if (end.isGone()) {
      hostGone(call);
    } else {
      tellShutdown(VIRTIO_VSOCK_SHUTDOWN_SEND);
    }
  }

  private int sayMessage(CallState call, VsockHeader header, IovecArray room) {
    ByteFifo whole = message;
    if (whole == null || (whole.isEmpty() && !readMessage(call, whole))) {
      return 0;
    }
    int length = (int) Math.min(Math.min(whole.size(), room.byteCount()), credit.available());
    whole.moveTo(room, length);
    return length == 0 ? 0 : data(header, length, whole.isEmpty() ? VIRTIO_VSOCK_SEQ_EOM : 0);
  }

  private boolean readMessage(CallState call, ByteFifo whole) {
    IovecArray vector = mux.vector();
    vector.clear();
    if (!whole.reserve(vector, MESSAGE_MAX)) {
      reset(call);
      return false;
    }
    long n = end.tryRead(call, vector);
    if (n > MESSAGE_MAX || n > credit.peerRoom()) {
      whole.filled(0);
      reset(call); // the guest could never have the whole of it
      return false;
    }
    whole.filled((int) Math.max(0, n));
    if (n <= 0) {
      readEnded(call, n);
    }
    return n > 0;
  }

  // The end.

  /** Ends it before its time: the guest is told RST. */
  void reset(CallState call) {
    if (state == State.ENDING) {
      closeEnd(call, true);
      return;
    }
    if (state == State.LINGERING || state == State.CLOSED) {
      close(call, true);
      return;
    }
    if (wasOpen) {
      mux.stats().reset.add(1);
    }
    dropInbound();
    endWith(call, true);
  }

  /** Tells the guest RST; what it has sent still goes to the host, unless this is a reset. */
  private void endWith(CallState call, boolean reset) {
    state = State.ENDING;
    toTell = RESET;
    readable = false;
    mux.line(this);
    if (reset || isFlushed() || endClosed) {
      closeEnd(call, reset);
    } else {
      end.shutdownInput(call);
    }
  }

  private void resetTold(CallState call) {
    toTell = 0;
    mux.forget(this);
    if (endClosed || isFlushed()) {
      close(call, false);
    } else {
      state = State.LINGERING;
      writable(call);
    }
  }

  private void dropInbound() {
    toHost.clear();
    unended = 0;
    if (messages != null) {
      messages.clear();
    }
  }

  private void closeEnd(CallState call, boolean reset) {
    if (!endClosed) {
      endClosed = true;
      dropInbound();
      if (message != null) {
        message.clear();
      }
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
    toTell = 0;
    mux.closed(this);
  }
}
