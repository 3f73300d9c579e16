package io.jvmm.virtio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.memory.GuestMemory;
import io.jvmm.virtio.driver.CountingInterrupt;
import io.jvmm.virtio.driver.CountingMessage;
import io.jvmm.virtio.driver.DriverQueue;
import io.jvmm.virtio.driver.MmioDriver;
import io.jvmm.virtio.driver.PciDriver;
import io.jvmm.virtio.driver.RecordingDevice;
import io.jvmm.virtio.driver.TestDoorbell;
import io.jvmm.virtio.driver.TransportDriver;
import io.jvmm.virtio.mmio.MmioTransport;
import io.jvmm.virtio.pci.PciConfigSpace;
import io.jvmm.virtio.pci.PciTransport;
import io.jvmm.virtio.queue.QueueConfig;
import io.jvmm.virtio.queue.SplitQueue;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** VIRTIO_F_RING_RESET (virtio 1.2, 2.6.1), over both transports. */
class QueueResetTest {
  private static final long FEATURES = Features.VIRTIO_F_VERSION_1 | Features.VIRTIO_F_RING_RESET;
  private static final long RAM = 1 << 20;
  private static final int NEEDS_RESET = 64;

  /** What is in front of the device. */
  enum Kind {
    MMIO,
    PCI
  }

  private final GuestMemory memory =
      GuestMemory.allocate(RAM, 1 << 30, 1L << 32, GuestMemory.Backing.ANONYMOUS);
  private final RecordingDevice device = new RecordingDevice();
  private final TestDoorbell first = new TestDoorbell();
  private final TestDoorbell second = new TestDoorbell();
  private final Doorbell[] doorbells = {first, second};
  private final MmioTransport mmio =
      new MmioTransport(device, memory, new CountingInterrupt(), doorbells);
  private final PciTransport pci =
      new PciTransport(
          device,
          memory,
          new MessageInterrupt[] {
            new CountingMessage(), new CountingMessage(), new CountingMessage()
          },
          doorbells,
          MemorySegment.ofArray(new byte[PciConfigSpace.PAGE_SIZE]),
          0xd100_8000,
          () -> {});
  private final DriverQueue queue = new DriverQueue(memory, 0x1000, 16);

  @AfterEach
  void free() {
    first.close();
    second.close();
    memory.close();
  }

  private TransportDriver driver(Kind kind) {
    return kind == Kind.MMIO ? new MmioDriver(mmio) : new PciDriver(pci);
  }

  private SplitQueue live(int index) {
    SplitQueue live = device.live(index);
    assertNotNull(live);
    return live;
  }

  @ParameterizedTest
  @EnumSource
  void oneQueueIsResetWhileTheOthersLive(Kind kind) {
    TransportDriver driver = driver(kind);
    driver.negotiate(FEATURES);
    driver.program(0, queue.config());
    driver.program(1, new DriverQueue(memory, 0x4000, 64).config());
    driver.addStatus(TransportDriver.DRIVER_OK);
    SplitQueue other = live(1);

    driver.resetQueue(0);
    assertEquals(List.of("activate", "reset queue 0"), device.calls());
    assertFalse(driver.isReady(0));
    assertNull(device.live(0));

    DriverQueue smaller = new DriverQueue(memory, 0x8000, 4);
    driver.program(0, smaller.config());
    assertEquals(List.of("activate", "reset queue 0", "enable queue 0"), device.calls());
    assertTrue(driver.isReady(0));
    assertEquals(4, live(0).size());
    assertSame(other, device.live(1));
  }

  @ParameterizedTest
  @EnumSource
  void aQueueThatWasResetBeginsAtItsBeginningAndGoesOnCounting(Kind kind) {
    TransportDriver driver = driver(kind);
    driver.start(FEATURES, queue);
    queue.chain().write(0x8000, 16).submit();
    assertEquals(SplitQueue.CHAIN, live(0).poll());

    driver.resetQueue(0);
    DriverQueue anew = new DriverQueue(memory, 0x1000, 16);
    driver.program(0, anew.config());
    int head = anew.chain().write(0x8000, 16).submit();
    assertEquals(SplitQueue.CHAIN, live(0).poll());
    live(0).push(head, 3);
    live(0).publish();
    assertTrue(anew.reap());
    assertEquals(1, anew.usedIdx());
    assertEquals(2, live(0).stats().chains());
  }

  @ParameterizedTest
  @EnumSource
  void withoutItsFeatureThereIsNone(Kind kind) {
    TransportDriver driver = driver(kind);
    driver.start(Features.VIRTIO_F_VERSION_1, queue);
    driver.resetQueue(0);
    assertEquals(List.of("activate"), device.calls());
    assertTrue(driver.isReady(0));
  }

  @ParameterizedTest
  @EnumSource
  void aQueueThatIsNotLiveIsNotReset(Kind kind) {
    TransportDriver driver = driver(kind);
    driver.negotiate(FEATURES);
    driver.program(0, queue.config());
    driver.resetQueue(0); // before DRIVER_OK
    assertTrue(driver.isReady(0));
    driver.addStatus(TransportDriver.DRIVER_OK);
    driver.resetQueue(1); // never made ready
    driver.resetQueue(2); // there is none
    driver.resetQueue(0);
    driver.resetQueue(0); // a second time
    assertEquals(List.of("activate", "reset queue 0"), device.calls());
    driver.program(1, queue.config()); // was not reset: refused after DRIVER_OK
    assertFalse(driver.isReady(1));
  }

  @ParameterizedTest
  @EnumSource
  void aQueueThatIsMadeAnewWhereNoneCanBeNeedsAReset(Kind kind) {
    TransportDriver driver = driver(kind);
    driver.start(FEATURES, queue);
    driver.resetQueue(0);
    QueueConfig bad = queue.config();
    bad.setDescGpa(RAM);
    driver.program(0, bad);
    assertEquals(NEEDS_RESET, driver.status() & NEEDS_RESET);
    driver.program(0, queue.config()); // there was one try
    assertFalse(driver.isReady(0));
    assertEquals(List.of("activate", "reset queue 0"), device.calls());

    driver.start(FEATURES, queue); // the device's reset mends it
    assertEquals(16, live(0).size());
  }

  @ParameterizedTest
  @EnumSource
  void aResetOfTheDeviceForgetsIt(Kind kind) {
    TransportDriver driver = driver(kind);
    driver.start(FEATURES, queue);
    driver.resetQueue(0);
    driver.start(FEATURES, queue);
    driver.program(0, queue.config()); // is ready, and was not reset
    assertEquals(List.of("activate", "reset queue 0", "reset", "activate"), device.calls());
  }
}
