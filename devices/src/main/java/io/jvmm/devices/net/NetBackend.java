package io.jvmm.devices.net;

import io.jvmm.devices.io.IoLoop;
import io.jvmm.host.CallState;
import io.jvmm.memory.IovecArray;

/**
 * What carries a network device's frames on the host: a tap, a stream socket. It moves each frame
 * between its descriptor and the guest's memory and keeps none itself.
 *
 * <p>Nothing here waits. A backend watches its descriptors by their edges ({@code EPOLLET}) and
 * tells each edge by {@link NetEvents}; after {@link #tryReceive} or {@link #trySend} has answered
 * {@code -EAGAIN} there is an edge to come. So a guest that takes no frames costs nothing: they
 * stay on the host's side, where they are dropped and counted when there are too many.
 *
 * <p>Threads: the loop's, from {@link #attach} on; what comes before, and {@link #close}, is the
 * owner's.
 */
public interface NetBackend extends AutoCloseable {
  /** The longest frame: an IP packet of 64 KiB less 1 behind an Ethernet header with a VLAN tag. */
  int FRAME_MAX = 65_535 + 14 + 4;

  /** What it is, for people: {@code tap jvmm0}. */
  String name();

  /** How many pairs of queues it can serve apart, 1 or more. */
  int maxQueuePairs();

  /**
   * Whether every frame has a {@code struct virtio_net_hdr_v1} of {@link NetHeader#SIZE} bytes in
   * front, both ways. Where not, the device writes a header of zeroes and the backend is handed
   * what comes after it; nothing is offloaded then.
   */
  boolean hasHeader();

  /**
   * The offloads that it can do of {@link NetFeatures#OFFLOADS}; those of the host's side are what
   * may be in a frame's header to it, those of the guest's side what it may put in one.
   */
  long offloads();

  /**
   * The longest packet that it carries, without the Ethernet header, or 0 where it does not know:
   * what the device tells the driver where nobody has asked for another.
   */
  int mtu();

  /**
   * Waits until everything that it was asked for is there; for the owner, before {@link #attach}.
   * So what takes its time to start does that while the rest of a machine is made.
   *
   * @throws NetException where it is not to be had
   */
  default void awaitReady() {}

  /**
   * Begins to watch: from here on events are told. Called once, on the loop.
   *
   * @param loop outlives it
   */
  void attach(IoLoop loop, NetEvents events);

  /**
   * Spreads what it receives over pairs 0 to {@code count} - 1; one until this is called.
   *
   * @param count 1 to {@link #maxQueuePairs}
   * @return false where the host refuses, and there are as many as before
   */
  boolean setQueuePairs(int count);

  /**
   * What the driver takes from now on in the header of a received frame: those of {@link
   * #offloads}; none until this is called.
   */
  void setGuestOffloads(long features);

  /**
   * Hot: receives one frame.
   *
   * <p>Where {@link #isMidFrame} says afterwards that only a part of it has come, the next call has
   * the same buffers in the same places, unless {@link #forget} comes before.
   *
   * @param buffers have room for {@link #FRAME_MAX} bytes and the header, if there is one; the
   *     device's, which it may change after the call
   * @return how many bytes the frame has, header included; {@code -EAGAIN} where there is none, or
   *     not all of one. A backend that is gone for good has told {@link NetEvents#gone} and answers
   *     {@code -EAGAIN}
   */
  long tryReceive(CallState state, int pair, IovecArray buffers);

  /** Whether a part of a frame lies in the buffers that the last {@link #tryReceive} was given. */
  default boolean isMidFrame(int pair) {
    return false;
  }

  /**
   * Hot: sends one frame.
   *
   * @param frame all of it, header included if there is one; untrusted: its header is the guest's
   * @return 0 or more where it was sent, {@code -EAGAIN} where there is no room for all of it: the
   *     device calls again with the same frame, after {@link NetEvents#sendable}, unless {@link
   *     #forget} comes before; or another {@code -errno}, and the frame is lost
   */
  long trySend(CallState state, int pair, IovecArray frame);

  /**
   * The driver is gone, or has another queue: frames that are half received or half sent are not
   * gone on with, and no memory of theirs is touched again. What a stream needs to stay in step
   * (the rest read away, the rest sent as zeroes) is the backend's to do.
   */
  void forget(CallState state, int pair);

  /** Watches no longer, on the loop; what was not attached needs none. */
  void detach();

  /** Closes what it owns, after {@link #detach}, from any thread. */
  @Override
  void close();
}
