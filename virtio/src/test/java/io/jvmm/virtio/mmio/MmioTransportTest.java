package io.jvmm.virtio.mmio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.host.CallState;
import io.jvmm.memory.GuestMemory;
import io.jvmm.virtio.Doorbell;
import io.jvmm.virtio.Features;
import io.jvmm.virtio.QueueSet;
import io.jvmm.virtio.driver.CountingInterrupt;
import io.jvmm.virtio.driver.DriverQueue;
import io.jvmm.virtio.driver.MmioDriver;
import io.jvmm.virtio.driver.RecordingDevice;
import io.jvmm.virtio.driver.TestDoorbell;
import io.jvmm.virtio.queue.QueueConfig;
import io.jvmm.virtio.queue.SplitQueue;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MmioTransportTest {
  private static final long V1 = Features.VIRTIO_F_VERSION_1;
  private static final long RAM = 1 << 20;
  private static final int NEEDS_RESET = 64;
  private static final int FAILED = 128;

  private final GuestMemory memory =
      GuestMemory.allocate(RAM, 1 << 30, 1L << 32, GuestMemory.Backing.ANONYMOUS);
  private final RecordingDevice device = new RecordingDevice();
  private final CountingInterrupt interrupt = new CountingInterrupt();
  private final TestDoorbell first = new TestDoorbell();
  private final TestDoorbell second = new TestDoorbell();
  private final MmioTransport transport =
      new MmioTransport(device, memory, interrupt, new Doorbell[] {first, second});
  private final MmioDriver driver = new MmioDriver(transport);
  private final DriverQueue queue = new DriverQueue(memory, 0x1000, 16);

  @AfterEach
  void free() {
    transport.close();
    first.close();
    second.close();
    memory.close();
  }

  @Test
  void itIdentifiesItself() {
    assertEquals(0x74726976, driver.get(0x000));
    assertEquals(2, driver.get(0x004));
    assertEquals(42, driver.get(0x008));
    assertEquals(7, driver.get(0x0fc));
    assertEquals(device.deviceFeatures(), driver.offered());
    driver.set(0x014, 2);
    assertEquals(0, driver.get(0x010));
  }

  @Test
  void thereIsNoSharedMemoryRegion() {
    driver.set(0x0ac, 0);
    for (int register : new int[] {0x0b0, 0x0b4, 0x0b8, 0x0bc}) {
      assertEquals(-1, driver.get(register));
      assertEquals(0xffff_ffffL, transport.read(register, 4));
    }
  }

  @Test
  void aDriverThatKeepsTheOrderGetsALiveDevice() {
    driver.start(V1 | RecordingDevice.OWN_FEATURE, queue);
    assertEquals(List.of("activate"), device.calls());
    QueueSet set = device.queues();
    assertNotNull(set);
    assertTrue(set.has(RecordingDevice.OWN_FEATURE));
    assertFalse(set.has(Features.VIRTIO_F_RING_EVENT_IDX));
    assertNotNull(set.queue(0));
    assertNull(set.queue(1)); // never made ready
    assertEquals(1 | 2 | 8 | 4, driver.status());
  }

  @Test
  void queuesGoOnCountingOverResets() {
    for (int life = 1; life <= 3; life++) {
      driver.start(V1, queue);
      QueueSet set = device.queues();
      assertNotNull(set);
      SplitQueue served = set.queue(0);
      assertNotNull(served);
      served.fail("life " + life);
      assertEquals(life, transport.queueStats(0).broken());
    }
    long[] told = {0};
    transport.report((name, value) -> told[0] += name.equals("queue0.broken") ? value : 0);
    assertEquals(3, told[0]);
  }

  @Test
  void withoutVersion1FeaturesAreRefused() {
    assertFalse(driver.negotiate(RecordingDevice.OWN_FEATURE));
    assertNotNull(transport.problem());
    driver.addStatus(MmioDriver.DRIVER_OK);
    assertEquals(MmioDriver.ACKNOWLEDGE | MmioDriver.DRIVER, driver.status());
    assertEquals(List.of(), device.calls());
  }

  @Test
  void featuresThatWereNotOfferedAreRefused() {
    assertFalse(driver.negotiate(V1 | 1L << 50));
    assertTrue(driver.negotiate(V1));
  }

  @Test
  void featuresAreFixedWithFeaturesOk() {
    assertTrue(driver.negotiate(V1));
    driver.accept(V1 | RecordingDevice.OWN_FEATURE);
    driver.program(0, queue.config());
    driver.addStatus(MmioDriver.DRIVER_OK);
    QueueSet set = device.queues();
    assertNotNull(set);
    assertFalse(set.has(RecordingDevice.OWN_FEATURE));
  }

  @Test
  void statusBitsComeInOrderOrNotAtAll() {
    driver.set(0x070, MmioDriver.DRIVER);
    assertEquals(0, driver.status());
    driver.set(0x070, MmioDriver.ACKNOWLEDGE);
    driver.set(0x070, MmioDriver.ACKNOWLEDGE | MmioDriver.DRIVER_OK);
    assertEquals(MmioDriver.ACKNOWLEDGE, driver.status());
    driver.set(0x070, MmioDriver.DRIVER); // would clear ACKNOWLEDGE
    assertEquals(MmioDriver.ACKNOWLEDGE, driver.status());
    driver.set(0x070, MmioDriver.ACKNOWLEDGE | NEEDS_RESET); // the device's own bit
    assertEquals(MmioDriver.ACKNOWLEDGE, driver.status());
  }

  @Test
  void afterFailedOnlyAResetHelps() {
    driver.start(V1, queue);
    driver.addStatus(FAILED);
    driver.reset();
    assertEquals(0, driver.status());
    driver.addStatus(FAILED);
    driver.addStatus(MmioDriver.ACKNOWLEDGE);
    assertEquals(FAILED, driver.status());
    driver.start(V1, queue);
    assertEquals(List.of("activate", "reset", "activate"), device.calls());
  }

  @Test
  void aQueueHasAMaximumWhereThereIsOne() {
    driver.set(0x030, 0);
    assertEquals(16, driver.get(0x034));
    driver.set(0x030, 1);
    assertEquals(64, driver.get(0x034));
    for (int none : new int[] {2, -1, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
      driver.set(0x030, none);
      assertEquals(0, driver.get(0x034));
      assertEquals(0, driver.get(0x044));
      driver.set(0x044, 1);
      assertEquals(0, driver.get(0x044));
    }
  }

  @Test
  void queuesAreProgrammedBetweenFeaturesOkAndDriverOk() {
    driver.program(0, queue.config());
    assertEquals(0, driver.get(0x044));
    assertTrue(driver.negotiate(V1));
    driver.program(0, queue.config());
    assertEquals(1, driver.get(0x044));
    driver.set(0x044, 0);
    assertEquals(0, driver.get(0x044));
    driver.set(0x044, 1);
    driver.addStatus(MmioDriver.DRIVER_OK);
    driver.set(0x044, 0);
    assertEquals(1, driver.get(0x044));
  }

  @Test
  void aQueueThatCannotBeServedNeedsAReset() {
    QueueConfig wild = queue.config();
    wild.setUsedGpa(RAM);
    QueueConfig odd = queue.config();
    odd.setSize(12);
    QueueConfig large = queue.config();
    large.setSize(32);
    QueueConfig crooked = queue.config();
    crooked.setDescGpa(0x1008);
    for (QueueConfig bad : List.of(wild, odd, large, crooked)) {
      interrupt.raised().drainPermits();
      assertTrue(driver.negotiate(V1));
      driver.program(0, bad);
      driver.addStatus(MmioDriver.DRIVER_OK);
      assertTrue((driver.status() & NEEDS_RESET) != 0);
      assertEquals(2, driver.get(0x060)); // a configuration change
      assertTrue(interrupt.raised().tryAcquire());
      assertNotNull(transport.problem());
    }
    assertEquals(List.of(), device.calls());
    driver.start(V1, queue);
    assertEquals(1 | 2 | 8 | 4, driver.status());
  }

  @Test
  void aResetStopsTheDeviceAndForgetsEverything() {
    driver.start(V1, queue);
    QueueSet set = device.queues();
    assertNotNull(set);
    set.notifier().usedBuffers(CallState.current(), 0);
    assertEquals(1, driver.get(0x060));

    driver.reset();
    assertEquals(List.of("activate", "reset"), device.calls());
    assertEquals(0, driver.status());
    assertEquals(0, driver.get(0x060));
    driver.set(0x030, 0);
    assertEquals(0, driver.get(0x044));
    driver.reset(); // and again
    assertEquals(List.of("activate", "reset"), device.calls());
  }

  @Test
  void theInterruptStatusIsSetBeforeTheInterruptAndClearedByAcknowledging() {
    driver.start(V1, queue);
    QueueSet set = device.queues();
    assertNotNull(set);
    set.notifier().usedBuffers(CallState.current(), 0);
    set.notifier().configChanged(CallState.current());
    assertEquals(3, driver.get(0x060));
    assertEquals(2, interrupt.raised().drainPermits());
    driver.set(0x064, 1);
    assertEquals(2, driver.get(0x060));
    driver.set(0x064, -1);
    assertEquals(0, driver.get(0x060));
  }

  @Test
  void aDeviceThatNeedsAResetSaysSo() {
    driver.start(V1, queue);
    QueueSet set = device.queues();
    assertNotNull(set);
    set.notifier().needsReset(CallState.current(), "nonsense");
    assertEquals(1 | 2 | 8 | 4 | NEEDS_RESET, driver.status());
    assertEquals(2, driver.get(0x060));
    assertEquals("nonsense", transport.problem());
    long[] count = {0};
    transport.report((name, value) -> count[0] += name.equals("needs_reset") ? value : 0);
    assertEquals(1, count[0]);
  }

  @Test
  void aNotifyThatNoIoeventfdCaughtRingsTheSameDoorbell() {
    driver.set(0x050, 1);
    driver.set(0x050, 2);
    driver.set(0x050, -1);
    assertEquals(0, first.event().drain(CallState.current()));
    assertEquals(1, second.event().drain(CallState.current()));
  }

  @Test
  void onlyAlignedWordsReachARegister() {
    assertEquals(0, transport.read(0x000, 1));
    assertEquals(0, transport.read(0x000, 2));
    assertEquals(0, transport.read(0x000, 8));
    assertEquals(0, transport.read(0x002, 4));
    assertEquals(0, transport.read(-4, 4));
    transport.write(0x070, 1, 1);
    transport.write(0x071, 4, 1);
    assertEquals(0, driver.status());
  }

  @Test
  void theConfigurationSpaceTakesEverySize() {
    assertEquals(4 << 8 | 1, transport.read(0x104, 1));
    assertEquals(0xe00 << 8 | 8, transport.read(0xf00, 8));
    transport.write(0x104, 2, 9); // nobody drives the device yet
    assertEquals(List.of(), device.calls());
    driver.start(V1, queue);
    transport.write(0x104, 2, 9);
    assertEquals(List.of("activate", "config 4 2 9"), device.calls());
  }

  @Test
  void closingStopsALiveDeviceOnce() {
    driver.start(V1, queue);
    transport.close();
    transport.close();
    assertEquals(List.of("activate", "reset"), device.calls());
  }

  /** Whatever is written where: no exception, and activations and resets take turns. */
  @Test
  void noiseKeepsTheDeviceInTurn() {
    Random random = new Random(7);
    for (int i = 0; i < 200_000; i++) {
      int offset = random.nextInt(8) == 0 ? random.nextInt(0x1000) : 4 * random.nextInt(0x44);
      int size = random.nextInt(8) == 0 ? 1 << random.nextInt(4) : 4;
      if (random.nextInt(4) == 0) {
        transport.read(offset, size);
        continue;
      }
      switch (random.nextInt(12)) {
        case 0 -> driver.start(V1, queue);
        case 1 -> transport.write(0x070, 4, random.nextInt(16) == 0 ? 0 : driver.status() | 15);
        case 2 -> transport.write(offset, size, random.nextInt(4096) * 16L);
        case 3 -> transport.write(offset, size, random.nextLong());
        default -> transport.write(offset, size, random.nextInt(16));
      }
    }
    List<String> turns = device.calls().stream().filter(call -> !call.startsWith("conf")).toList();
    assertTrue(turns.size() > 1000);
    for (int i = 0; i < turns.size(); i++) {
      assertEquals(i % 2 == 0 ? "activate" : "reset", turns.get(i));
    }
  }
}
