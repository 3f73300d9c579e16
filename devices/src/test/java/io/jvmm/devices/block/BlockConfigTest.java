package io.jvmm.devices.block;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.virtio.Features;
import org.junit.jupiter.api.Test;

class BlockConfigTest {
  private static final int GIB_IN_SECTORS = 2 << 20;
  private static final int LENGTH = 1 << 20;

  private static BlockConfig config(BlockLimits limits) {
    return new BlockConfig(LENGTH, limits, false, 1, false);
  }

  private static boolean offers(BlockConfig config, long feature) {
    return Features.has(config.features(), feature);
  }

  @Test
  void everyFieldIsWhereTheSpecHasIt() {
    BlockLimits limits = new BlockLimits(4096, 65536, 1 << 20, true, 131072, true);
    BlockConfig config = new BlockConfig(LENGTH + 4095, limits, false, 3, true);
    assertEquals(LENGTH / 512, config.read(0, 8), "capacity");
    assertEquals(BlockConfig.SIZE_MAX, config.read(8, 4), "size_max");
    assertEquals(BlockConfig.SEG_MAX, config.read(12, 4), "seg_max");
    assertEquals(0, config.read(16, 4), "geometry");
    assertEquals(4096, config.read(20, 4), "blk_size");
    assertEquals(4, config.read(24, 1), "physical_block_exp");
    assertEquals(0, config.read(25, 1), "alignment_offset");
    assertEquals(16, config.read(26, 2), "min_io_size");
    assertEquals(256, config.read(28, 4), "opt_io_size");
    assertEquals(0, config.read(32, 1), "writeback");
    assertEquals(3, config.read(34, 2), "num_queues");
    assertEquals(GIB_IN_SECTORS, config.read(36, 4), "max_discard_sectors");
    assertEquals(16, config.read(40, 4), "max_discard_seg");
    assertEquals(256, config.read(44, 4), "discard_sector_alignment");
    assertEquals(
        BlockConfig.REQUEST_MAX / 512,
        config.read(48, 4),
        "max_write_zeroes_sectors: a reset waits for them as for data");
    assertEquals(16, config.read(52, 4), "max_write_zeroes_seg");
    assertEquals(1, config.read(56, 1), "write_zeroes_may_unmap");
    assertEquals(0, config.read(60, 8), "behind the end");
    assertEquals(0, config.read(Integer.MAX_VALUE - 8, 8), "far behind the end");
  }

  @Test
  void whatTheBackendCannotDoIsNotOffered() {
    BlockConfig plain = config(BlockLimits.SECTORS);
    assertFalse(offers(plain, BlockConfig.VIRTIO_BLK_F_DISCARD));
    assertFalse(offers(plain, BlockConfig.VIRTIO_BLK_F_WRITE_ZEROES));
    assertFalse(offers(plain, BlockConfig.VIRTIO_BLK_F_MQ));
    assertFalse(offers(plain, BlockConfig.VIRTIO_BLK_F_RO));
    assertEquals(0, plain.read(36, 8));
    assertEquals(0, plain.read(44, 8));
    BlockConfig all = config(MemoryBackend.ALL);
    assertTrue(offers(all, BlockConfig.VIRTIO_BLK_F_DISCARD));
    assertTrue(offers(all, BlockConfig.VIRTIO_BLK_F_WRITE_ZEROES));
  }

  @Test
  void aReadOnlyDiskOffersNothingThatChangesIt() {
    BlockConfig config = new BlockConfig(LENGTH, MemoryBackend.ALL, true, 2, false);
    assertTrue(offers(config, BlockConfig.VIRTIO_BLK_F_RO));
    assertTrue(offers(config, BlockConfig.VIRTIO_BLK_F_MQ));
    assertFalse(offers(config, BlockConfig.VIRTIO_BLK_F_DISCARD));
    assertFalse(offers(config, BlockConfig.VIRTIO_BLK_F_WRITE_ZEROES));
  }

  @Test
  void whatIsNotAWholeBlockIsOutside() {
    BlockConfig config = config(new BlockLimits(4096, 4096, 0, false, 0, false));
    assertTrue(config.isInside(0, LENGTH));
    assertTrue(config.isInside(8, 4096));
    assertTrue(config.isInside(LENGTH / 512, 0));
    assertFalse(config.isInside(1, 4096));
    assertFalse(config.isInside(8, 512));
    assertFalse(config.isInside(8, LENGTH));
    assertFalse(config.isInside(-8, 4096));
    assertFalse(config.isInside(Long.MIN_VALUE, 0));
    assertFalse(config.isInside(1L << 55, 4096), "times 512 it is 0");
  }

  @Test
  void anotherLengthIsAnotherGeneration() {
    BlockConfig config = config(BlockLimits.SECTORS);
    int before = config.generation();
    assertFalse(config.setLength(LENGTH + 511));
    assertEquals(before, config.generation());
    assertTrue(config.setLength(5L << 40));
    assertNotEquals(before, config.generation());
    assertEquals((5L << 40) / 512, config.read(0, 8));
    assertTrue(config.isInside(LENGTH / 512, 512));
  }

  @Test
  void onlyTheWritebackByteCanBeWritten() {
    BlockConfig config = config(BlockLimits.SECTORS);
    long[] before = new long[8];
    for (int i = 0; i < 8; i++) {
      before[i] = config.read(8 * i, 8);
    }
    for (int offset = 0; offset < 64; offset++) {
      for (int size : new int[] {1, 2, 4, 8}) {
        if (offset != 32 || size != 1) {
          config.write(offset, size, 0);
          config.write(offset, size, -1);
        }
      }
    }
    config.write(Integer.MAX_VALUE, 8, -1);
    long[] after = new long[8];
    for (int i = 0; i < 8; i++) {
      after[i] = config.read(8 * i, 8);
    }
    assertArrayEquals(before, after);
    config.write(32, 1, 0);
    assertFalse(config.isWriteback());
    assertEquals(0, config.read(32, 1));
    config.write(32, 1, 0xff);
    assertTrue(config.isWriteback());
    assertEquals(1, config.read(32, 1));
  }

  @Test
  void whatTheDriverChoseEndsWithItsReset() {
    BlockConfig config = new BlockConfig(LENGTH, BlockLimits.SECTORS, false, 1, true);
    config.agree(true, true);
    config.write(32, 1, 1);
    assertTrue(config.isWriteback());
    config.forgetDriver();
    assertFalse(config.isWriteback());
  }

  @Test
  void withoutFlushOrConfigWceTheDriverCannotChoose() {
    BlockConfig back = config(BlockLimits.SECTORS);
    back.agree(true, false);
    back.write(32, 1, 0);
    assertTrue(back.isWriteback());
    BlockConfig through = config(BlockLimits.SECTORS);
    through.write(32, 1, 1);
    through.agree(false, true);
    assertFalse(through.isWriteback());
    through.write(32, 1, 1);
    assertFalse(through.isWriteback());
  }
}
