package io.jvmm.devices.block;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.host.Errno;
import io.jvmm.host.SyscallException;
import io.jvmm.virtio.Features;
import io.jvmm.virtio.driver.MmioDriver;
import org.junit.jupiter.api.Test;

class BlockResizeTest {
  private static final int IN = BlockRequest.VIRTIO_BLK_T_IN;
  private static final int OK = BlockRequest.VIRTIO_BLK_S_OK;
  private static final int IOERR = BlockRequest.VIRTIO_BLK_S_IOERR;
  private static final int CONFIG_CHANGE = 2; // virtio 1.2, 4.2.2: InterruptStatus

  private final MemoryBackend backend = new MemoryBackend(1 << 20, MemoryBackend.ALL, 0);

  @Test
  void aDiskThatHasGrownIsTold() {
    backend.setLengthOfHost(1 << 19);
    try (DiskUnderTest disk = new DiskUnderTest(backend).startPlain()) {
      assertEquals(1 << 19, disk.block.refresh());
      int generation = disk.driver.get(0x0fc);
      assertEquals(IOERR, disk.request(IN, 1024, 512));
      disk.driver.set(0x064, 3);
      disk.interrupt.raised().drainPermits();
      backend.setLengthOfHost(1 << 20);
      assertEquals(1 << 20, disk.block.refresh());
      disk.awaitInterrupt();
      assertEquals(CONFIG_CHANGE, disk.driver.get(0x060));
      assertEquals(2048, disk.transport.read(0x100, 8));
      assertNotEquals(generation, disk.driver.get(0x0fc));
      assertEquals(OK, disk.request(IN, 1024, 512));
    }
  }

  @Test
  void aDiskOfTheSameLengthIsNotTold() {
    try (DiskUnderTest disk = new DiskUnderTest(backend).startPlain()) {
      backend.setLengthOfHost((1 << 20) + 511);
      assertEquals(1 << 20, disk.block.refresh());
      assertEquals(0, disk.driver.get(0x060));
      assertEquals(0, disk.interrupt.raised().availablePermits());
    }
  }

  @Test
  void aDiskWithoutADriverIsResizedSilently() {
    try (DiskUnderTest disk = new DiskUnderTest(backend)) {
      backend.setLengthOfHost(512);
      assertEquals(512, disk.block.refresh());
      assertEquals(1, disk.transport.read(0x100, 8));
      assertEquals(0, disk.interrupt.raised().availablePermits());
    }
  }

  @Test
  void aDriverThatIsReadyAfterTheResizeIsTold() {
    try (DiskUnderTest disk = new DiskUnderTest(backend)) {
      assertTrue(disk.driver.negotiate(disk.block.deviceFeatures() & ~Features.SPLIT_RING));
      assertEquals(2048, disk.transport.read(0x100, 8));
      backend.setLengthOfHost(1 << 19);
      disk.block.refresh();
      disk.driver.program(0, disk.queue.config());
      assertEquals(0, disk.driver.get(0x060));
      disk.driver.addStatus(MmioDriver.DRIVER_OK);
      disk.awaitInterrupt();
      assertEquals(CONFIG_CHANGE, disk.driver.get(0x060));
      disk.driver.set(0x064, 3);
      disk.startPlain(); // another life, which has nothing to be told
      assertEquals(OK, disk.request(IN, 0, 512));
      assertEquals(0, disk.driver.get(0x060) & CONFIG_CHANGE);
    }
  }

  @Test
  void aHostThatDoesNotSayLeavesTheDiskAsItIs() {
    try (DiskUnderTest disk = new DiskUnderTest(backend).startPlain()) {
      backend.setLengthOfHost(-Errno.EIO);
      SyscallException e = assertThrows(SyscallException.class, disk.block::refresh);
      assertTrue(e.is(Errno.EIO));
      assertEquals(2048, disk.transport.read(0x100, 8));
    }
  }

  @Test
  void aDiskWhoseLoopHasEndedCannotBeAsked() {
    DiskUnderTest disk = new DiskUnderTest(backend);
    disk.close();
    assertThrows(IllegalStateException.class, disk.block::refresh);
  }
}
