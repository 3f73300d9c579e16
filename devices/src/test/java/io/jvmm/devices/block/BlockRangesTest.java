package io.jvmm.devices.block;

import static io.jvmm.devices.block.DiskUnderTest.DATA;
import static io.jvmm.devices.block.DiskUnderTest.HEADER;
import static io.jvmm.devices.block.DiskUnderTest.STATUS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.host.Errno;
import io.jvmm.virtio.Features;
import io.jvmm.virtio.driver.DriverQueue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Discarding and writing zeroes. */
class BlockRangesTest {
  private static final int DISCARD = BlockRequest.VIRTIO_BLK_T_DISCARD;
  private static final int ZEROES = BlockRequest.VIRTIO_BLK_T_WRITE_ZEROES;
  private static final int OK = BlockRequest.VIRTIO_BLK_S_OK;
  private static final int IOERR = BlockRequest.VIRTIO_BLK_S_IOERR;
  private static final int UNSUPP = BlockRequest.VIRTIO_BLK_S_UNSUPP;
  private static final int SECTORS = 2048;
  private static final int UNMAP = 1;

  private final MemoryBackend backend = new MemoryBackend(SECTORS * 512, MemoryBackend.ALL, 0);

  private static void range(DiskUnderTest disk, int index, long sector, int sectors, int flags) {
    disk.memory.setLong(DATA + 16L * index, sector);
    disk.memory.setInt(DATA + 16L * index + 8, sectors);
    disk.memory.setInt(DATA + 16L * index + 12, flags);
  }

  private static int one(DiskUnderTest disk, int type, long sector, int sectors, int flags) {
    range(disk, 0, sector, sectors, flags);
    return disk.request(type, 0, 16);
  }

  @Test
  void eachRangeIsAnOperation() {
    try (DiskUnderTest disk = new DiskUnderTest(backend).startPlain()) {
      range(disk, 0, 8, 16, 0);
      range(disk, 1, 5, 0, 0); // empty: nothing to do
      range(disk, 2, SECTORS - 1, 1, 0);
      assertEquals(OK, disk.request(DISCARD, 0, 48));
      assertEquals(1, disk.queue.reapedLength());
      range(disk, 0, 0, 1, 0);
      range(disk, 1, 64, 2, UNMAP);
      assertEquals(OK, disk.request(ZEROES, 0, 32));
      assertEquals(
          List.of(
              "discard 4096+8192",
              "discard " + (SECTORS - 1) * 512 + "+512",
              "zeroes 0+512",
              "zeroes, discarded, 32768+1024"),
          backend.log());
      assertEquals(1, disk.block.stats().discards());
      assertEquals(17 * 512, disk.block.stats().discardedBytes());
      assertEquals(1, disk.block.stats().zeroes());
      assertEquals(3 * 512, disk.block.stats().zeroedBytes());
    }
  }

  @Test
  void theHeadersSectorMeansNothing() {
    try (DiskUnderTest disk = new DiskUnderTest(backend).startPlain()) {
      range(disk, 0, 1, 1, 0);
      assertEquals(OK, disk.request(DISCARD, -1, 16));
    }
  }

  @Test
  void flagsThatMeanNothingAreUnsupported() {
    try (DiskUnderTest disk = new DiskUnderTest(backend).startPlain()) {
      assertEquals(UNSUPP, one(disk, DISCARD, 0, 1, UNMAP));
      for (int flags : new int[] {2, 3, 0x8000_0000, -1}) {
        assertEquals(UNSUPP, one(disk, DISCARD, 0, 1, flags), "flags " + flags);
        assertEquals(UNSUPP, one(disk, ZEROES, 0, 1, flags), "flags " + flags);
      }
      assertEquals(List.of(), backend.log());
    }
  }

  @Test
  void rangesThatAreNotInTheDiskAreErrors() {
    try (DiskUnderTest disk = new DiskUnderTest(backend).startPlain()) {
      for (int type : new int[] {DISCARD, ZEROES}) {
        assertEquals(IOERR, one(disk, type, SECTORS, 1, 0));
        assertEquals(IOERR, one(disk, type, SECTORS - 1, 2, 0));
        assertEquals(IOERR, one(disk, type, 0, -1, 0));
        assertEquals(IOERR, one(disk, type, -1, 1, 0));
        assertEquals(IOERR, one(disk, type, 1L << 55, 1, 0));
        assertEquals(IOERR, one(disk, type, Long.MIN_VALUE, 0, 0));
        range(disk, 0, 0, 1, 0);
        range(disk, 1, SECTORS, 1, 0); // one that is wrong keeps the others from being done
        assertEquals(IOERR, disk.request(type, 0, 32));
      }
      assertEquals(List.of(), backend.log());
    }
  }

  @Test
  void aRangeAboveTheLimitIsAnError() {
    BlockConfig huge = new BlockConfig(8L << 30, MemoryBackend.ALL, false, 1, false);
    BlockRanges ranges = new BlockRanges();
    try (DiskUnderTest disk = new DiskUnderTest(backend)) {
      for (boolean isDiscard : new boolean[] {true, false}) {
        int max = (int) huge.read(isDiscard ? 36 : 48, 4);
        range(disk, 0, 0, max, 0);
        ranges.clear();
        ranges.add(disk.memory, DATA, 16);
        assertEquals(0, ranges.check(huge, 16, isDiscard));
        range(disk, 0, 0, max + 1, 0);
        ranges.clear();
        ranges.add(disk.memory, DATA, 16);
        assertEquals(-Errno.EINVAL, ranges.check(huge, 16, isDiscard));
      }
    }
  }

  @Test
  void onlyWholeRangesUpToTheLimitAreTaken() {
    try (DiskUnderTest disk = new DiskUnderTest(backend).startPlain()) {
      for (int i = 0; i < 40; i++) {
        range(disk, i, i, 1, 0);
      }
      for (int length : new int[] {0, 1, 15, 17, 16 * BlockRanges.COUNT_MAX + 16, 65536}) {
        assertEquals(IOERR, disk.request(DISCARD, 0, length), length + " bytes");
      }
      assertEquals(OK, disk.request(DISCARD, 0, 16 * BlockRanges.COUNT_MAX));
      assertEquals(BlockRanges.COUNT_MAX, backend.log().size());
    }
  }

  @Test
  void rangesOfPartsOfABlockAreErrors() {
    MemoryBackend blocks =
        new MemoryBackend(SECTORS * 512, new BlockLimits(4096, 4096, 0, true, 4096, true), 0);
    try (DiskUnderTest disk = new DiskUnderTest(blocks).startPlain()) {
      assertEquals(OK, one(disk, DISCARD, 8, 8, 0));
      assertEquals(IOERR, one(disk, DISCARD, 4, 8, 0));
      assertEquals(IOERR, one(disk, ZEROES, 8, 4, 0));
      assertEquals(OK, disk.request(BlockRequest.VIRTIO_BLK_T_IN, 8, 4096));
      assertEquals(IOERR, disk.request(BlockRequest.VIRTIO_BLK_T_IN, 7, 4096));
      assertEquals(IOERR, disk.request(BlockRequest.VIRTIO_BLK_T_OUT, 8, 512));
    }
  }

  @Test
  void aDriverThatDidNotAcceptThemIsRefused() {
    try (DiskUnderTest disk =
        new DiskUnderTest(backend)
            .start(
                features(backend)
                    & ~BlockConfig.VIRTIO_BLK_F_DISCARD
                    & ~BlockConfig.VIRTIO_BLK_F_WRITE_ZEROES)) {
      assertEquals(UNSUPP, one(disk, DISCARD, 0, 1, 0));
      assertEquals(UNSUPP, one(disk, ZEROES, 0, 1, 0));
      assertEquals(2, disk.block.stats().unsupported());
    }
  }

  private static long features(MemoryBackend backend) {
    return new BlockConfig(backend.length(), backend.limits(), false, 1, false).features()
        & ~Features.SPLIT_RING;
  }

  @Test
  void aBackendThatCannotAfterAllIsUnsupported(@TempDir Path folder) throws IOException {
    Path image = folder.resolve("disk.img");
    Files.write(image, new byte[4096]);
    ScriptedBackend refusing =
        new ScriptedBackend(RawFile.open(image.toString(), false), 0).withLimits(MemoryBackend.ALL);
    try (DiskUnderTest disk = new DiskUnderTest(refusing).startPlain()) {
      assertEquals(UNSUPP, one(disk, DISCARD, 0, 1, 0));
      assertEquals(UNSUPP, one(disk, ZEROES, 0, 1, 0));
      assertEquals(OK, disk.request(BlockRequest.VIRTIO_BLK_T_OUT, 0, 512));
    }
  }

  @Test
  void zeroesAreWrittenThroughAndDiscardsAreNot() {
    BlockOptions through = BlockOptions.DEFAULT.withWriteThrough(true);
    try (DiskUnderTest disk = new DiskUnderTest(backend, through).startPlain()) {
      range(disk, 1, 3, 1, 0);
      assertEquals(OK, one(disk, ZEROES, 0, 1, 0));
      assertEquals(OK, disk.request(ZEROES, 0, 32));
      assertEquals(OK, one(disk, DISCARD, 0, 1, 0));
      assertEquals(
          List.of(
              "zeroes 0+512", "flush", "zeroes 0+512", "zeroes 1536+512", "flush", "discard 0+512"),
          backend.log());
    }
  }

  @Test
  void rangesMayComeInAnyFramingAndFromABackendThatTakesItsTime() {
    Random random = new Random(17);
    MemoryBackend slow = new MemoryBackend(SECTORS * 512, MemoryBackend.ALL, 3);
    try (DiskUnderTest disk =
        new DiskUnderTest(slow).start(features(slow) | Features.VIRTIO_F_RING_INDIRECT_DESC)) {
      for (int round = 0; round < 300; round++) {
        int count = 1 + random.nextInt(BlockRanges.COUNT_MAX);
        for (int i = 0; i < count; i++) {
          range(disk, i, 8L * i, 1 + i, random.nextInt(2));
        }
        disk.header(HEADER, ZEROES, 0);
        DriverQueue.Chain chain = disk.queue.chain().indirect(0x20000).read(HEADER, 16);
        for (int at = 0; at < 16 * count; ) {
          int n = Math.min(16 * count - at, 1 + random.nextInt(40));
          chain.read(DATA + at, n);
          at += n;
        }
        chain.write(STATUS, 1).submit();
        disk.doorbell.ring();
        disk.awaitUsed();
        assertEquals(OK, disk.memory.getByte(STATUS));
        assertEquals(count, slow.log().size());
        slow.log().clear();
      }
      assertTrue(disk.block.stats().zeroedBytes() > 0);
    }
  }
}
