package io.jvmm.devices.block;

import static io.jvmm.devices.block.DiskUnderTest.DATA;
import static io.jvmm.devices.block.DiskUnderTest.HANG_SECONDS;
import static io.jvmm.devices.block.DiskUnderTest.HEADER;
import static io.jvmm.devices.block.DiskUnderTest.STATUS;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.EventFd;
import io.jvmm.host.Syscall;
import io.jvmm.host.epoll.Epoll;
import io.jvmm.virtio.Features;
import io.jvmm.virtio.driver.DriverQueue;
import io.jvmm.virtio.driver.MmioDriver;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
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
  private static final int DUP2 = 33; // asm/unistd_64.h

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
  void aFlushIsAnsweredAfterTheBackendFlushed() {
    ScriptedBackend backend = new ScriptedBackend(raw(false), 1);
    try (DiskUnderTest disk = new DiskUnderTest(backend).startPlain()) {
      disk.header(HEADER, FLUSH, 0);
      disk.queue.chain().read(HEADER, 16).write(STATUS, 1).submit();
      disk.doorbell.ring();
      await(backend);
      assertFalse(disk.queue.reap());
      backend.finish(disk.loop, 0);
      disk.awaitUsed();
      assertEquals(OK, disk.memory.getByte(STATUS));
      assertEquals(List.of("flush"), backend.log());
    }
  }

  @Test
  void aFlushThatFailsIsAnError() {
    ScriptedBackend backend = new ScriptedBackend(raw(false), 0).failAt(1, Errno.EIO);
    try (DiskUnderTest disk = new DiskUnderTest(backend).startPlain()) {
      assertEquals(OK, disk.request(FLUSH, 0, 0));
      assertEquals(IOERR, disk.request(FLUSH, 0, 0));
      assertEquals(OK, disk.request(FLUSH, 0, 0));
      assertEquals(2, disk.block.stats().flushes());
    }
  }

  @Test
  void withoutFlushEveryWriteIsWrittenThrough() {
    ScriptedBackend backend = new ScriptedBackend(raw(false), 0).failAt(3, Errno.ENOSPC);
    try (DiskUnderTest disk = new DiskUnderTest(backend).start(Features.VIRTIO_F_VERSION_1)) {
      assertEquals(OK, disk.request(OUT, 0, 512));
      assertEquals(IOERR, disk.request(OUT, 0, 512)); // its flush is what fails
      assertEquals(OK, disk.request(IN, 0, 512));
      assertEquals(List.of("write", "flush", "write", "flush", "read"), backend.log());
    }
  }

  @Test
  void withFlushAWriteIsNotWrittenThrough() {
    ScriptedBackend backend = new ScriptedBackend(raw(false), 0);
    try (DiskUnderTest disk = new DiskUnderTest(backend).startPlain()) {
      assertEquals(OK, disk.request(OUT, 0, 512));
      assertEquals(List.of("write"), backend.log());
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
  void requestsEndInTheOrderOfTheBackend() {
    ScriptedBackend backend = new ScriptedBackend(raw(false), 4);
    try (DiskUnderTest disk = new DiskUnderTest(backend).startPlain()) {
      int[] heads = new int[3];
      for (int i = 0; i < 3; i++) {
        disk.header(HEADER + 16L * i, IN, i);
        heads[i] =
            disk.queue
                .chain()
                .read(HEADER + 16L * i, 16)
                .write(DATA + 512L * i, 512)
                .write(STATUS + i, 1)
                .submit();
      }
      disk.doorbell.ring();
      await(backend);
      await(backend);
      await(backend);
      backend.finish(disk.loop, 2);
      disk.awaitUsed();
      assertEquals(heads[2], disk.queue.reapedHead());
      backend.finish(disk.loop, 0);
      disk.awaitUsed();
      assertEquals(heads[0], disk.queue.reapedHead());
      backend.finish(disk.loop, 0);
      disk.awaitUsed();
      assertEquals(heads[1], disk.queue.reapedHead());
      assertArrayEquals(Arrays.copyOf(content, 3 * 512), guest(disk, DATA, 3 * 512));
    }
  }

  @Test
  void moreRequestsThanTheBackendTakesWaitWithoutADoorbell() {
    ScriptedBackend backend = new ScriptedBackend(raw(false), 1);
    try (DiskUnderTest disk = new DiskUnderTest(backend).startPlain()) {
      for (int i = 0; i < 3; i++) {
        disk.header(HEADER + 16L * i, IN, i);
        disk.queue.chain().read(HEADER + 16L * i, 16).write(DATA, 512).write(STATUS, 1).submit();
      }
      disk.doorbell.ring();
      for (int i = 0; i < 3; i++) {
        await(backend);
        backend.finish(disk.loop, 0);
        disk.awaitUsed();
      }
    }
  }

  @Test
  void aResetWaitsForWhatIsPendingAndAnswersNothing() throws InterruptedException {
    ScriptedBackend backend = new ScriptedBackend(raw(false), 2);
    try (DiskUnderTest disk = new DiskUnderTest(backend).startPlain()) {
      disk.header(HEADER, IN, 0);
      disk.memory.setByte(STATUS, DiskUnderTest.UNTOUCHED);
      disk.queue.chain().read(HEADER, 16).write(DATA, 512).write(STATUS, 1).submit();
      disk.doorbell.ring();
      await(backend);
      Thread vcpu = Thread.ofPlatform().start(disk.driver::reset);
      vcpu.join(50);
      assertTrue(vcpu.isAlive());
      backend.finish(disk.loop, 0);
      vcpu.join(TimeUnit.SECONDS.toMillis(HANG_SECONDS));
      assertFalse(vcpu.isAlive());
      assertEquals(0, disk.driver.status());
      assertEquals(0, disk.queue.usedIdx());
      assertEquals(DiskUnderTest.UNTOUCHED, disk.memory.getByte(STATUS));

      disk.startPlain(); // and it lives again
      disk.header(HEADER, IN, 1);
      disk.queue.chain().read(HEADER, 16).write(DATA, 512).write(STATUS, 1).submit();
      disk.doorbell.ring();
      await(backend);
      backend.finish(disk.loop, 0);
      disk.awaitUsed();
      assertEquals(OK, disk.memory.getByte(STATUS));
    }
  }

  @Test
  void afterAResetADoorbellMovesNothing() {
    try (DiskUnderTest disk = disk()) {
      disk.driver.reset();
      disk.header(HEADER, IN, 0);
      disk.queue.chain().read(HEADER, 16).write(DATA, 512).write(STATUS, 1).submit();
      disk.doorbell.ring();
      disk.block.reset(); // has gone through the loop
      assertEquals(0, disk.queue.usedIdx());
    }
  }

  @Test
  void chainsThatCameBeforeTheDriverWasReadyAreServed() {
    try (DiskUnderTest disk = new DiskUnderTest(raw(false))) {
      disk.header(HEADER, IN, 0);
      disk.queue.chain().read(HEADER, 16).write(DATA, 512).write(STATUS, 1).submit();
      disk.driver.start(Features.VIRTIO_F_VERSION_1, disk.queue);
      disk.awaitUsed();
      assertEquals(OK, disk.memory.getByte(STATUS));
    }
  }

  @Test
  void aDriverThatLeavesTheQueueAloneIsNoError() {
    try (DiskUnderTest disk = new DiskUnderTest(raw(false))) {
      assertTrue(disk.driver.negotiate(Features.VIRTIO_F_VERSION_1));
      disk.driver.addStatus(4);
      disk.doorbell.ring();
      disk.driver.reset();
      disk.startPlain();
      assertEquals(OK, disk.request(IN, 0, 512));
    }
  }

  @Test
  void moreChainsThanATurnTakesAreAllServedForOneDoorbell() {
    try (DiskUnderTest disk = new DiskUnderTest(raw(false))) {
      disk.queue = new DriverQueue(disk.memory, DiskUnderTest.QUEUE, 256);
      disk.driver.start(disk.block.deviceFeatures(), disk.queue.withEventIdx());
      disk.header(HEADER, IN, 0);
      for (int i = 0; i < 128; i++) {
        disk.queue.chain().indirect(0x20000 + 64L * i).read(HEADER, 16).write(STATUS, 1).submit();
      }
      disk.doorbell.ring();
      for (int i = 0; i < 128; i++) {
        disk.awaitUsed();
      }
      assertEquals(OK, disk.memory.getByte(STATUS));
    }
  }

  @Test
  void aTurnEndsAfterItsShareOfBytes() throws InterruptedException {
    int chains = 40;
    int length = 1 << 20;
    ScriptedBackend backend = new ScriptedBackend(raw(false), 0);
    try (DiskUnderTest disk = new DiskUnderTest(backend);
        EventFd other = EventFd.create("another device")) {
      int[] seen = {
        0, 0
      }; // loop thread only: reads when the other was called last, the most between
      other.signal(CallState.current()); // never drained: it is called once a turn
      disk.loop.register(
          other.fd(),
          Epoll.EPOLLIN,
          (state, events) -> {
            int reads = backend.log().size();
            seen[1] = Math.max(seen[1], reads - seen[0]);
            seen[0] = reads;
          });
      disk.queue = new DriverQueue(disk.memory, DiskUnderTest.QUEUE, 256);
      disk.driver.start(disk.block.deviceFeatures(), disk.queue.withEventIdx());
      disk.header(HEADER, IN, 0);
      for (int i = 0; i < chains; i++) {
        disk.queue.chain().read(HEADER, 16).write(DATA, length).write(STATUS, 1).submit();
      }
      disk.doorbell.ring();
      for (int i = 0; i < chains; i++) {
        disk.awaitUsed();
      }
      disk.loop.unregister(other.fd());
      int share = (int) (BlockServer.BYTES_PER_TURN / length);
      assertTrue(seen[1] <= 2 * share, "the end of a turn and the next: " + seen[1]);
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

  @Test
  void anActivationLeavesTheDataToATurnOfItsOwn() throws InterruptedException {
    ScriptedBackend backend = new ScriptedBackend(raw(false), 0);
    try (DiskUnderTest disk = new DiskUnderTest(backend)) {
      CountDownLatch activated = new CountDownLatch(1);
      BlockingQueue<Integer> begun = new LinkedBlockingQueue<>();
      assertTrue(disk.driver.negotiate(Features.VIRTIO_F_VERSION_1));
      disk.driver.program(0, disk.queue.config());
      disk.header(HEADER, IN, 0);
      disk.queue.chain().read(HEADER, 16).write(DATA, 512).write(STATUS, 1).submit();
      disk.loop.execute(() -> await(activated));
      disk.driver.addStatus(MmioDriver.DRIVER_OK);
      disk.loop.execute(() -> begun.add(backend.log().size()));
      activated.countDown();
      assertEquals(0, begun.take(), "reads before the next task");
      disk.awaitUsed();
      assertEquals(OK, disk.memory.getByte(STATUS));
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(HANG_SECONDS, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Somebody has put another descriptor in the doorbell's place: epoll refuses to forget it. */
  @Test
  void aResetReturnsEvenWhereTheLoopCannotForgetTheDoorbell() throws InterruptedException {
    try (DiskUnderTest disk = disk();
        EventFd other = EventFd.create("other")) {
      assertEquals(OK, disk.request(IN, 0, 512)); // the loop hears the doorbell
      int doorbell = disk.doorbell.event().fd().number();
      Syscall.check(
          Syscall.call(CallState.current(), DUP2, other.fd().number(), doorbell, 0),
          "dup2",
          "test");
      Thread vcpu = Thread.ofPlatform().daemon().start(disk.driver::reset);
      vcpu.join(TimeUnit.SECONDS.toMillis(HANG_SECONDS));
      assertFalse(vcpu.isAlive(), "the vCPU still waits");
      disk.block.reset(); // has gone through the loop: the failure was told
      assertEquals(1, disk.failures.size());
      disk.failures.clear();
    }
  }

  private static void await(ScriptedBackend backend) {
    try {
      assertTrue(backend.held().tryAcquire(HANG_SECONDS, TimeUnit.SECONDS), "nothing was begun");
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
