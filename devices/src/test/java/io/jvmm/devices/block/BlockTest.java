package io.jvmm.devices.block;

import static io.jvmm.devices.block.DiskUnderTest.DATA;
import static io.jvmm.devices.block.DiskUnderTest.HEADER;
import static io.jvmm.devices.block.DiskUnderTest.STATUS;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.host.Errno;
import io.jvmm.virtio.Features;
import io.jvmm.virtio.driver.DriverQueue;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlockTest {
  private static final int IN = BlockRequest.VIRTIO_BLK_T_IN;
  private static final int OUT = BlockRequest.VIRTIO_BLK_T_OUT;
  private static final int FLUSH = BlockRequest.VIRTIO_BLK_T_FLUSH;
  private static final int GET_ID = BlockRequest.VIRTIO_BLK_T_GET_ID;
  private static final int OK = BlockRequest.VIRTIO_BLK_S_OK;
  private static final int IOERR = BlockRequest.VIRTIO_BLK_S_IOERR;
  private static final int UNSUPP = BlockRequest.VIRTIO_BLK_S_UNSUPP;
  private static final int SECTORS = 2048;

  @TempDir private Path folder;
  private final byte[] content = new byte[SECTORS * 512];

  @BeforeEach
  void fill() throws IOException {
    new Random(1).nextBytes(content);
    Files.write(image(), content);
  }

  private Path image() {
    return folder.resolve("disk.img");
  }

  private RawFile raw(boolean readOnly) {
    return RawFile.open(image().toString(), readOnly);
  }

  private DiskUnderTest disk() {
    return new DiskUnderTest(raw(false)).startPlain();
  }

  private static byte[] guest(DiskUnderTest disk, long gpa, int length) {
    byte[] bytes = new byte[length];
    disk.memory.read(gpa, bytes, 0, length);
    return bytes;
  }

  @Test
  void theConfigurationSpaceHasTheCapacityInSectors() {
    try (DiskUnderTest disk = disk()) {
      assertEquals(2, disk.driver.get(0x008));
      assertEquals(SECTORS, disk.transport.read(0x100, 8));
      assertEquals(SECTORS, disk.transport.read(0x100, 4));
      assertEquals(0, disk.transport.read(0x104, 4));
      assertEquals(BlockConfig.SIZE_MAX, disk.transport.read(0x108, 4));
      assertEquals(BlockConfig.SEG_MAX, disk.transport.read(0x10c, 4));
      assertEquals(512, disk.transport.read(0x114, 4));
      assertEquals(1, disk.transport.read(0x122, 2));
      assertEquals(0, disk.transport.read(0xfff, 8));
    }
  }

  @Test
  void aReadReadsTheFile() {
    try (DiskUnderTest disk = disk()) {
      assertEquals(OK, disk.request(IN, 3, 4096));
      assertEquals(4097, disk.queue.reapedLength());
      assertArrayEquals(
          Arrays.copyOfRange(content, 3 * 512, 3 * 512 + 4096), guest(disk, DATA, 4096));
      assertEquals(1, disk.block.stats().reads());
      assertEquals(4096, disk.block.stats().readBytes());
    }
  }

  @Test
  void aWriteIsInTheFileWhenItIsAnswered() throws IOException {
    try (DiskUnderTest disk = disk()) {
      byte[] data = "written by the guest".getBytes(StandardCharsets.US_ASCII);
      disk.memory.write(DATA, data);
      assertEquals(OK, disk.request(OUT, 7, 512));
      assertEquals(1, disk.queue.reapedLength());
      byte[] file = Files.readAllBytes(image());
      assertArrayEquals(data, Arrays.copyOfRange(file, 7 * 512, 7 * 512 + data.length));
      assertArrayEquals(
          Arrays.copyOfRange(content, 8 * 512, content.length),
          Arrays.copyOfRange(file, 8 * 512, file.length));
    }
  }

  @Test
  void theLastSectorIsInsideAndTheNextIsNot() {
    try (DiskUnderTest disk = disk()) {
      assertEquals(OK, disk.request(IN, SECTORS - 1, 512));
      assertEquals(IOERR, disk.request(IN, SECTORS - 1, 1024));
      assertEquals(1, disk.queue.reapedLength());
      for (long sector : new long[] {SECTORS, -1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 55}) {
        assertEquals(IOERR, disk.request(IN, sector, 512), "sector " + sector);
        assertEquals(IOERR, disk.request(OUT, sector, 512), "sector " + sector);
      }
      assertEquals(11, disk.block.stats().errors());
    }
  }

  @Test
  void aPartOfASectorIsAnError() {
    try (DiskUnderTest disk = disk()) {
      assertEquals(IOERR, disk.request(IN, 0, 511));
      assertEquals(IOERR, disk.request(OUT, 0, 513));
    }
  }

  @Test
  void whatIsLessThanASectorAtTheEndIsLeftOut() throws IOException {
    Files.write(image(), new byte[3 * 512 + 511]);
    try (DiskUnderTest disk = disk()) {
      assertEquals(3, disk.transport.read(0x100, 8));
      assertEquals(OK, disk.request(IN, 2, 512));
      assertEquals(IOERR, disk.request(IN, 3, 512));
    }
  }

  @Test
  void aReadOnlyDiskSaysSoAndRefusesWrites() throws IOException {
    try (DiskUnderTest disk = new DiskUnderTest(raw(true)).startPlain()) {
      assertTrue(Features.has(disk.driver.offered(), BlockConfig.VIRTIO_BLK_F_RO));
      assertEquals(OK, disk.request(IN, 0, 512));
      assertEquals(IOERR, disk.request(OUT, 0, 512));
      assertEquals(OK, disk.request(FLUSH, 0, 0));
    }
    assertArrayEquals(content, Files.readAllBytes(image()));
  }

  @Test
  void aWritableDiskIsNotReadOnly() {
    try (DiskUnderTest disk = disk()) {
      assertFalse(Features.has(disk.driver.offered(), BlockConfig.VIRTIO_BLK_F_RO));
    }
  }

  @Test
  void theSerialNumberIsCutAtTwentyBytes() {
    try (DiskUnderTest disk = disk()) {
      assertEquals(OK, disk.request(GET_ID, 0, 20));
      assertEquals(21, disk.queue.reapedLength());
      assertEquals(
          "serial-of-the-disk-t", new String(guest(disk, DATA, 20), StandardCharsets.US_ASCII));
      disk.memory.fill(DATA, 20, (byte) 'x');
      assertEquals(OK, disk.request(GET_ID, 0, 6));
      assertEquals("serialxx", new String(guest(disk, DATA, 8), StandardCharsets.US_ASCII));
    }
  }

  @Test
  void aTypeThatWasNotOfferedIsUnsupported() {
    try (DiskUnderTest disk = disk()) {
      for (int type : new int[] {2, 3, 5, 10, 12, 14, -1, Integer.MIN_VALUE}) {
        assertEquals(UNSUPP, disk.request(type, 0, 512), "type " + type);
      }
      assertEquals(8, disk.block.stats().unsupported());
    }
  }

  @Test
  void aBackendThatFailsIsAnErrorOfThatRequestAlone() {
    ScriptedBackend backend = new ScriptedBackend(raw(false), 0).failAt(1, Errno.EIO);
    try (DiskUnderTest disk = new DiskUnderTest(backend).startPlain()) {
      assertEquals(OK, disk.request(IN, 0, 512));
      assertEquals(IOERR, disk.request(IN, 0, 512));
      assertEquals(OK, disk.request(IN, 0, 512));
    }
  }

  @Test
  void aRequestAboveTheLimitIsAnError() throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(image().toFile(), "rw")) {
      file.setLength(2 * BlockConfig.REQUEST_MAX);
    }
    try (DiskUnderTest disk = disk()) {
      assertEquals(OK, hugeRequest(disk, IN, BlockConfig.REQUEST_MAX));
      assertEquals(IOERR, hugeRequest(disk, IN, BlockConfig.REQUEST_MAX + 512));
      assertEquals(IOERR, hugeRequest(disk, OUT, BlockConfig.REQUEST_MAX + 512));
      assertEquals(2, disk.block.stats().errors());
    }
  }

  /** All of its buffers are one piece of memory. */
  private static int hugeRequest(DiskUnderTest disk, int type, long length) {
    disk.header(HEADER, type, 0);
    DriverQueue.Chain chain = disk.queue.chain().read(HEADER, 16);
    for (long left = length; left > 0; left -= 8 << 20) {
      int n = (int) Math.min(left, 8 << 20);
      if (type == OUT) {
        chain.read(DATA, n);
      } else {
        chain.write(DATA, n);
      }
    }
    chain.write(STATUS, 1).submit();
    disk.doorbell.ring();
    disk.awaitUsed();
    return disk.memory.getByte(STATUS);
  }

  @Test
  void aDriverThatKeepsToWhatIsOfferedNeverMeetsTheLimit() {
    try (DiskUnderTest disk = disk()) {
      long both = BlockConfig.VIRTIO_BLK_F_SIZE_MAX | BlockConfig.VIRTIO_BLK_F_SEG_MAX;
      assertTrue(Features.has(disk.driver.offered(), both));
    }
    assertTrue((long) BlockConfig.SEG_MAX * BlockConfig.SIZE_MAX <= BlockConfig.REQUEST_MAX);
  }
}
