package io.jvmm.virtio;

import org.jspecify.annotations.Nullable;

/**
 * The features that a device offers and its driver accepts, 32 at a time as the driver selects
 * (virtio 1.2, 2.2).
 *
 * <p>Threads: as {@link DriverHandshake} says: selectors for any vCPU, what was accepted under its
 * lock.
 */
final class FeatureNegotiation {
  private final VirtioDevice device;

  // A driver whose vCPUs change them under each other's hands has what it deserves.
  private volatile int offeredSelector;
  private volatile int acceptedSelector;

  private long accepted;

  FeatureNegotiation(VirtioDevice device) {
    this.device = device;
  }

  void selectOffered(int selector) {
    offeredSelector = selector;
  }

  int offeredSelector() {
    return offeredSelector;
  }

  /** The selected 32 of what the device offers. */
  int offered() {
    return word(device.deviceFeatures(), offeredSelector);
  }

  void selectAccepted(int selector) {
    acceptedSelector = selector;
  }

  int acceptedSelector() {
    return acceptedSelector;
  }

  /** The selected 32 of what the driver has written. */
  int accepted() {
    return word(accepted, acceptedSelector);
  }

  /** The driver accepts some of the 32 that it selected. */
  void accept(int value) {
    switch (acceptedSelector) {
      case 0 -> accepted = Halves.withLow(accepted, value);
      case 1 -> accepted = Halves.withHigh(accepted, value);
      default -> {} // there are 64 features
    }
  }

  private static int word(long features, int selector) {
    return switch (selector) {
      case 0 -> Halves.low(features);
      case 1 -> Halves.high(features);
      default -> 0; // there are 64 features
    };
  }

  /** Everything that the driver has accepted. */
  long agreed() {
    return accepted;
  }

  /** Why the two cannot work together like this, for people; null where they can. */
  @Nullable String problem() {
    if (!Features.has(accepted, Features.VIRTIO_F_VERSION_1)) {
      return "the driver does not know VIRTIO_F_VERSION_1";
    }
    if ((accepted & ~device.deviceFeatures()) != 0) {
      return "the driver accepted features that were not offered";
    }
    return null;
  }

  void reset() {
    offeredSelector = 0;
    acceptedSelector = 0;
    accepted = 0;
  }
}
