package io.jvmm.devices.block;

import static io.jvmm.devices.block.DiskUnderTest.HANG_SECONDS;
import static io.jvmm.devices.block.DiskUnderTest.HEADER;
import static io.jvmm.devices.block.DiskUnderTest.STATUS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.host.Errno;
import io.jvmm.virtio.Features;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is on the medium when a request is answered. */
class BlockFlushTest {
  private static final int IN = BlockRequest.VIRTIO_BLK_T_IN;
  private static final int OUT = BlockRequest.VIRTIO_BLK_T_OUT;
  private static final int FLUSH = BlockRequest.VIRTIO_BLK_T_FLUSH;
  private static final int OK = BlockRequest.VIRTIO_BLK_S_OK;
  private static final int IOERR = BlockRequest.VIRTIO_BLK_S_IOERR;
  private static final int SECTORS = 2048;
  private static final int WRITEBACK = 0x120; // in the configuration space

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

  private ScriptedBackend scripted(int maxPending) {
    return new ScriptedBackend(raw(false), maxPending);
  }

  @Test
  void aFlushIsAnsweredAfterTheBackendFlushed() {
    ScriptedBackend backend = scripted(1);
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
    ScriptedBackend backend = scripted(0).failAt(1, Errno.EIO);
    try (DiskUnderTest disk = new DiskUnderTest(backend).startPlain()) {
      assertEquals(OK, disk.request(FLUSH, 0, 0));
      assertEquals(IOERR, disk.request(FLUSH, 0, 0));
      assertEquals(OK, disk.request(FLUSH, 0, 0));
      assertEquals(2, disk.block.stats().flushes());
    }
  }

  @Test
  void withoutFlushEveryWriteIsWrittenThrough() {
    ScriptedBackend backend = scripted(0).failAt(3, Errno.ENOSPC);
    try (DiskUnderTest disk = new DiskUnderTest(backend).start(Features.VIRTIO_F_VERSION_1)) {
      assertEquals(OK, disk.request(OUT, 0, 512));
      assertEquals(IOERR, disk.request(OUT, 0, 512)); // its flush is what fails
      assertEquals(OK, disk.request(IN, 0, 512));
      assertEquals(List.of("write", "flush", "write", "flush", "read"), backend.log());
    }
  }

  @Test
  void withFlushAWriteIsNotWrittenThrough() {
    ScriptedBackend backend = scripted(0);
    try (DiskUnderTest disk = new DiskUnderTest(backend).startPlain()) {
      assertEquals(OK, disk.request(OUT, 0, 512));
      assertEquals(List.of("write"), backend.log());
    }
  }

  @Test
  void aDiskThatBeginsWrittenThroughStaysSoUntilTheDriverChangesIt() {
    ScriptedBackend backend = scripted(0);
    BlockOptions through = BlockOptions.DEFAULT.withWriteThrough(true);
    try (DiskUnderTest disk = new DiskUnderTest(backend, through).startPlain()) {
      assertEquals(0, disk.transport.read(WRITEBACK, 1));
      assertEquals(OK, disk.request(OUT, 0, 512));
      disk.transport.write(WRITEBACK, 1, 1);
      assertEquals(1, disk.transport.read(WRITEBACK, 1));
      assertEquals(OK, disk.request(OUT, 0, 512));
      disk.startPlain(); // a reset ends what the driver chose
      assertEquals(OK, disk.request(OUT, 0, 512));
      assertEquals(List.of("write", "flush", "write", "write", "flush"), backend.log());
    }
  }

  @Test
  void aDriverMayHaveItsWritesWrittenThrough() {
    ScriptedBackend backend = scripted(0);
    try (DiskUnderTest disk = new DiskUnderTest(backend).startPlain()) {
      disk.transport.write(WRITEBACK, 1, 0);
      assertEquals(OK, disk.request(OUT, 0, 512));
      assertEquals(OK, disk.request(OUT, 0, 0));
      assertEquals(List.of("write", "flush"), backend.log());
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
