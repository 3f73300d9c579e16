package io.jvmm.devices.vsock;

/**
 * How much each side of a connection may still send (virtio 1.2, 5.10.6.3). All counters are free
 * running and 32 bits wide: only differences count, and they are right across 2^32.
 *
 * <p>Threads: the device's I/O thread.
 */
final class Credit {
  /** More than this on its way to the guest is nobody's use, whatever room it announces. */
  private static final int IN_FLIGHT_MAX = 1 << 30;

  private final int bufAlloc;

  /** What has come from the guest, what of that was passed on, and what it was told of that. */
  private int received;

  private int forwarded;
  private int told;

  private int sent;
  private int peerBufAlloc;
  private int peerForwarded;

  /**
   * Nothing has been sent.
   *
   * @param bufAlloc our room for what the guest sends, in bytes
   */
  Credit(int bufAlloc) {
    this.bufAlloc = bufAlloc;
  }

  /** As {@link #Credit(int)}, with counters of both directions that have come this far. */
  Credit(int bufAlloc, int startOfReceived, int startOfSent) {
    this(bufAlloc);
    received = startOfReceived;
    forwarded = startOfReceived;
    told = startOfReceived;
    sent = startOfSent;
    peerForwarded = startOfSent;
  }

  int bufAlloc() {
    return bufAlloc;
  }

  int forwarded() {
    return forwarded;
  }

  /**
   * Takes what is in each packet of the guest. A count that is older than the last one changes
   * nothing: threads of a guest may overtake each other.
   *
   * @return false where it says that it has passed on more than was sent
   */
  boolean update(int announced, int passedOn) {
    if (sent - passedOn < 0) { // what is in flight is never near 2^31
      return false;
    }
    peerBufAlloc = announced;
    if (passedOn - peerForwarded > 0) {
      peerForwarded = passedOn;
    }
    return true;
  }

  /**
   * Counts data of the guest.
   *
   * @return false where it has sent more than there is room for
   */
  boolean receive(int length) {
    int held = received - forwarded;
    if (length < 0 || length > bufAlloc - held) {
      return false;
    }
    received += length;
    return true;
  }

  /** Data of the guest has been passed on, or thrown away. */
  void forward(int length) {
    forwarded += length;
  }

  /** Everything that the guest has sent counts as passed on. */
  void forwardAll() {
    forwarded = received;
  }

  /** A packet that has {@link #forwarded} goes to the guest. */
  void tell() {
    told = forwarded;
  }

  /** Whether the guest thinks that less than half of our room is free, and is wrong. */
  boolean isWorthTelling() {
    return forwarded != told && received - told >= bufAlloc >>> 1;
  }

  /** Whether anything was passed on of which the guest has not been told. */
  boolean hasUntold() {
    return forwarded != told;
  }

  /** How much may be sent to the guest, in bytes. */
  int available() {
    long inFlight = sent - peerForwarded & 0xffff_ffffL;
    long room = (peerBufAlloc & 0xffff_ffffL) - inFlight;
    return (int) Math.clamp(room, 0, IN_FLIGHT_MAX - inFlight);
  }

  /** The room that the guest has announced for all of its side, in bytes, unsigned. */
  long peerRoom() {
    return peerBufAlloc & 0xffff_ffffL;
  }

  /** Data goes to the guest, no more than {@link #available}. */
  void send(int length) {
    sent += length;
  }
}
