package io.jvmm.devices.block.nbd;

import io.jvmm.devices.block.DiskException;
import io.jvmm.host.CallState;
import io.jvmm.host.socket.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Begins connections to a target, to its addresses in turn.
 *
 * <p>Threads: one at a time.
 */
final class NbdDialer {
  /** A server that has not offered the export by then is given up. */
  static final long LIMIT_NANOS = 10_000_000_000L;

  private static final long NANOS_PER_MILLI = 1_000_000;

  private final NbdTarget target;
  private final SocketAddress[] addresses;
  private final @Nullable TlsTrust trust;
  private int next;

  NbdDialer(NbdTarget target) {
    this.target = target;
    this.addresses = NbdAddresses.of(target);
    this.trust = target.tls() ? TlsTrust.of(target) : null;
  }

  /** Begins one to the next address; as {@link NbdLink#connect}. */
  NbdLink dial() {
    SocketAddress address = addresses[next];
    next = (next + 1) % addresses.length;
    return NbdLink.connect(target, address, trust);
  }

  /**
   * One that is ready, to the first address that has a server.
   *
   * @throws DiskException what was wrong with the last address
   */
  NbdLink dialAndWait() {
    @Nullable DiskException last = null;
    for (int i = 0; i < addresses.length; i++) {
      try {
        return awaitReady(dial());
      } catch (DiskException e) {
        last = e;
      }
    }
    throw last == null ? new IllegalStateException("no address") : last;
  }

  private NbdLink awaitReady(NbdLink link) {
    CallState state = CallState.current();
    long end = System.nanoTime() + LIMIT_NANOS;
    try {
      while (true) {
        NbdLink.Progress progress = link.proceed(state);
        if (progress == NbdLink.Progress.READY) {
          return link;
        }
        long left = (end - System.nanoTime()) / NANOS_PER_MILLI;
        if (left <= 0) {
          throw silent(target);
        }
        if (progress == NbdLink.Progress.WAITING) {
          link.await(state, (int) left);
        }
      }
    } catch (RuntimeException e) {
      link.close();
      throw e;
    }
  }

  static DiskException silent(NbdTarget target) {
    return new DiskException(
        target.text(),
        "cannot be used: no answer within " + LIMIT_NANOS / 1_000_000_000 + " seconds");
  }
}
