package io.jvmm.devices.block;

/**
 * What a backend's operations are made of, for the guest to know (virtio 1.2, 5.2.4).
 *
 * @param blockSize bytes: every offset and length is a multiple of it; a power of two, 512 or more
 * @param physicalBlockSize bytes that the medium writes at once, a multiple of {@code blockSize}
 * @param optimalIoSize bytes that are best moved at once, 0 where nothing is known
 * @param canDiscard whether it takes {@link BlockBackend#discard}
 * @param discardGranularity bytes below which discarding gives nothing back
 * @param canWriteZeroes whether it takes {@link BlockBackend#writeZeroes}
 */
public record BlockLimits(
    int blockSize,
    int physicalBlockSize,
    int optimalIoSize,
    boolean canDiscard,
    int discardGranularity,
    boolean canWriteZeroes) {

  /** Sectors of 512 bytes that can be read and written. */
  public static final BlockLimits SECTORS = new BlockLimits(512, 512, 0, false, 0, false);
}
