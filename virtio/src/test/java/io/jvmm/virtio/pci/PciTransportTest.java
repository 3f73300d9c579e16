package io.jvmm.virtio.pci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.host.CallState;
import io.jvmm.memory.GuestMemory;
import io.jvmm.virtio.Doorbell;
import io.jvmm.virtio.Features;
import io.jvmm.virtio.MessageInterrupt;
import io.jvmm.virtio.QueueSet;
import io.jvmm.virtio.driver.CountingMessage;
import io.jvmm.virtio.driver.DriverQueue;
import io.jvmm.virtio.driver.PciDriver;
import io.jvmm.virtio.driver.RecordingDevice;
import io.jvmm.virtio.driver.TestDoorbell;
import io.jvmm.virtio.queue.QueueConfig;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PciTransportTest {
  private static final long V1 = Features.VIRTIO_F_VERSION_1;
  private static final long RAM = 1 << 20;
  private static final int BAR = 0xd100_8000;
  private static final int NEEDS_RESET = 64;
  private static final int LIVE = 1 | 2 | 8 | 4;

  private final GuestMemory memory =
      GuestMemory.allocate(RAM, 1 << 30, 1L << 32, GuestMemory.Backing.ANONYMOUS);
  private final RecordingDevice device = new RecordingDevice();
  private final CountingMessage configVector = new CountingMessage();
  private final CountingMessage firstVector = new CountingMessage();
  private final CountingMessage secondVector = new CountingMessage();
  private final TestDoorbell first = new TestDoorbell();
  private final TestDoorbell second = new TestDoorbell();
  private int windowsOpened;
  private final PciTransport transport =
      new PciTransport(
          device,
          memory,
          new MessageInterrupt[] {configVector, firstVector, secondVector},
          new Doorbell[] {first, second},
          MemorySegment.ofArray(new byte[PciConfigSpace.PAGE_SIZE]),
          BAR,
          () -> windowsOpened++);
  private final PciDriver driver = new PciDriver(transport);
  private final DriverQueue queue = new DriverQueue(memory, 0x1000, 16);

  @AfterEach
  void free() {
    transport.close();
    first.close();
    second.close();
    memory.close();
  }

  private QueueSet live() {
    driver.start(V1, queue);
    QueueSet set = device.queues();
    assertNotNull(set);
    return set;
  }

  @Test
  void itIdentifiesItself() {
    assertEquals(0x1af4, driver.config(0x00, 2));
    assertEquals(0x1040 + 42, driver.config(0x02, 2));
    assertEquals(1, driver.config(0x08, 1)); // a modern device
    assertEquals(0, driver.config(0x0e, 1)); // header type 0, one function
    assertEquals(0, driver.config(0x3d, 1)); // no interrupt pin
    assertTrue(driver.config(0x2e, 2) >= 0x40);
    assertEquals(2, driver.get(0x12, 2));
    assertEquals(7, driver.get(0x15, 1));
    assertEquals(device.deviceFeatures(), driver.offered());
    driver.set(0x00, 4, 2);
    assertEquals(2, driver.get(0x00, 4));
    assertEquals(0, driver.get(0x04, 4));
  }

  @Test
  void theBarTellsItsSizeAndStaysWhereItIs() {
    assertEquals(BAR, driver.config(0x10, 4));
    transport.writeConfig(0x10, 4, -1);
    assertEquals(-PciBar.SIZE, driver.config(0x10, 4));
    transport.writeConfig(0x10, 4, BAR);
    assertEquals(BAR, driver.config(0x10, 4));
    transport.writeConfig(0x10, 4, 0xfee0_0000L);
    assertEquals(BAR, driver.config(0x10, 4));
    for (int i = 0; i < 4; i++) {
      transport.writeConfig(0x10 + i, 1, 0xff);
    }
    assertEquals(-PciBar.SIZE, driver.config(0x10, 4));
    for (int other = 0x14; other < 0x28; other += 4) {
      transport.writeConfig(other, 4, -1);
      assertEquals(0, driver.config(other, 4));
    }
    transport.writeConfig(0x30, 4, -1); // no expansion ROM
    assertEquals(0, driver.config(0x30, 4));
  }

  @Test
  void theBarAnswersWhereMemorySpaceIsEnabled() {
    transport.writeConfig(0x04, 2, 0);
    assertEquals(-1, driver.status());
    driver.set(0x14, 1, 1);
    transport.writeConfig(0x04, 2, 2);
    assertEquals(0, driver.status());
  }

  @Test
  void aDriverThatKeepsTheOrderGetsALiveDevice() {
    driver.start(V1 | RecordingDevice.OWN_FEATURE, queue);
    assertEquals(List.of("activate"), device.calls());
    QueueSet set = device.queues();
    assertNotNull(set);
    assertTrue(set.has(RecordingDevice.OWN_FEATURE));
    assertNotNull(set.queue(0));
    assertNull(set.queue(1)); // never enabled
    assertEquals(LIVE, driver.status());
  }

  @Test
  void whatWasProgrammedIsReadBack() {
    assertTrue(driver.negotiate(V1));
    driver.set(0x08, 4, 1);
    assertEquals(1, driver.get(0x0c, 4));
    driver.set(0x16, 2, 1);
    assertEquals(64, driver.get(0x18, 2));
    assertEquals(1, driver.get(0x1e, 2)); // queue_notify_off
    QueueConfig config = new DriverQueue(memory, 0x8000, 32).config();
    config.setUsedGpa(0x1_2345_6789_a000L);
    driver.program(1, config);
    assertEquals(32, driver.get(0x18, 2));
    assertEquals(2, driver.get(0x1a, 2));
    assertEquals(1, driver.get(0x1c, 2));
    assertEquals(0x8000, driver.get(0x20, 4));
    assertEquals(0x6789_a000, driver.get(0x30, 4));
    assertEquals(0x1_2345, driver.get(0x34, 4));
  }

  @Test
  void aQueueThatIsNotThereHasNoSize() {
    driver.set(0x16, 2, 2);
    for (int field = 0x18; field <= 0x1e; field += 2) {
      assertEquals(field == 0x1a ? 0xffff : 0, driver.get(field, 2));
      driver.set(field, 2, 1);
      assertEquals(field == 0x1a ? 0xffff : 0, driver.get(field, 2));
    }
  }

  @Test
  void aVectorThatIsNotThereIsRefused() {
    driver.set(0x10, 2, 2);
    assertEquals(2, driver.get(0x10, 2));
    driver.set(0x10, 2, 3);
    assertEquals(0xffff, driver.get(0x10, 2));
    driver.set(0x1a, 2, 1);
    driver.set(0x1a, 2, 0x7fff);
    assertEquals(0xffff, driver.get(0x1a, 2));
  }

  @Test
  void eachQueueHasItsVector() {
    QueueSet set = live();
    set.notifier().usedBuffers(CallState.current(), 0);
    assertEquals(1, firstVector.raised().drainPermits());
    set.notifier().usedBuffers(CallState.current(), 1); // the driver gave it none
    set.notifier().configChanged(CallState.current());
    assertEquals(1, configVector.raised().drainPermits());
    assertEquals(0, firstVector.raised().drainPermits());
    assertEquals(0, secondVector.raised().drainPermits());
    assertEquals(List.of("fee00000 4001"), firstVector.routes());
  }

  @Test
  void queuesMayShareAVector() {
    assertTrue(driver.negotiate(V1));
    driver.program(0, queue.config());
    driver.program(1, new DriverQueue(memory, 0x8000, 16).config());
    driver.set(0x1a, 2, 1);
    driver.addStatus(PciDriver.DRIVER_OK);
    QueueSet set = device.queues();
    assertNotNull(set);
    set.notifier().usedBuffers(CallState.current(), 1);
    assertEquals(1, firstVector.raised().drainPermits());
  }

  @Test
  void aMaskedVectorIsPendingUntilItIsUnmasked() {
    QueueSet set = live();
    driver.mask(1, true);
    set.notifier().usedBuffers(CallState.current(), 0);
    set.notifier().usedBuffers(CallState.current(), 0);
    assertEquals(0, firstVector.raised().drainPermits());
    assertTrue(driver.isPending(1));
    assertFalse(driver.isPending(0));
    driver.mask(1, false);
    assertEquals(1, firstVector.raised().drainPermits());
    assertFalse(driver.isPending(1));
  }

  @Test
  void allVectorsAreMaskedAtOnce() {
    QueueSet set = live();
    driver.msix(true, true);
    set.notifier().usedBuffers(CallState.current(), 0);
    set.notifier().configChanged(CallState.current());
    driver.mask(1, true);
    driver.msix(true, false);
    assertEquals(0, firstVector.raised().drainPermits());
    assertEquals(1, configVector.raised().drainPermits());
    driver.mask(1, false);
    assertEquals(1, firstVector.raised().drainPermits());
  }

  @Test
  void theHostHearsOfAMessageWhenItsVectorIsUnmasked() {
    live();
    driver.mask(1, true);
    driver.message(1, 0xfee0_1000L, 0x31);
    driver.mask(1, true);
    driver.mask(1, false); // as it was
    assertEquals(List.of("fee00000 4001", "fee01000 31"), firstVector.routes());
    assertEquals(List.of(), secondVector.routes());
  }

  @Test
  void withoutMsixOnlyTheIsrStatusTells() {
    QueueSet set = live();
    driver.msix(false, false);
    set.notifier().usedBuffers(CallState.current(), 0);
    assertEquals(0, firstVector.raised().drainPermits());
    assertEquals(1, driver.isr());
    set.notifier().configChanged(CallState.current());
    assertEquals(2, driver.isr());
    assertEquals(0, driver.isr());
  }

  @Test
  void aQueueThatCannotBeServedNeedsAReset() {
    QueueConfig wild = queue.config();
    wild.setUsedGpa(RAM);
    assertTrue(driver.negotiate(V1));
    driver.program(0, wild);
    driver.addStatus(PciDriver.DRIVER_OK);
    assertEquals(LIVE | NEEDS_RESET, driver.status());
    assertEquals(1, configVector.raised().drainPermits());
    assertEquals(2, driver.isr());
    assertNotNull(transport.problem());
    assertEquals(List.of(), device.calls());
  }

  @Test
  void aResetStopsTheDeviceAndForgetsEverything() {
    live();
    driver.reset();
    assertEquals(List.of("activate", "reset"), device.calls());
    assertEquals(0, driver.status());
    assertEquals(0xffff, driver.get(0x10, 2));
    driver.set(0x16, 2, 0);
    assertEquals(0xffff, driver.get(0x1a, 2));
    assertEquals(0, driver.get(0x1c, 2));
    driver.start(V1, queue);
    assertEquals(List.of("activate", "reset", "activate"), device.calls());
  }

  @Test
  void aNotifyThatNoIoeventfdCaughtRingsTheSameDoorbell() {
    driver.ring(1);
    assertEquals(0, first.event().drain(CallState.current()));
    assertEquals(1, second.event().drain(CallState.current()));
    transport.writeBar(PciBar.NOTIFY + 2, 2, 0); // between two
    transport.writeBar(PciBar.NOTIFY + 8, 2, 0); // behind the last
    assertEquals(0, first.event().drain(CallState.current()));
    assertEquals(0, second.event().drain(CallState.current()));
  }

  @Test
  void fieldsAreAccessedInTheirOwnWidth() {
    assertEquals(0, driver.get(0x14, 4));
    assertEquals(0, driver.get(0x12, 1));
    assertEquals(0, driver.get(0x12, 8));
    driver.set(0x14, 2, 1);
    driver.set(0x14, 4, 1);
    assertEquals(0, driver.status());
  }

  @Test
  void theDevicesConfigurationTakesEverySize() {
    assertEquals(4 << 8 | 1, transport.readBar(driver.deviceConfig() + 4, 1));
    assertEquals(0xe00 << 8 | 8, transport.readBar(driver.deviceConfig() + 0xe00, 8));
    transport.writeBar(driver.deviceConfig() + 4, 2, 9); // nobody drives the device yet
    assertEquals(List.of(), device.calls());
    driver.start(V1, queue);
    transport.writeBar(driver.deviceConfig() + 4, 2, 9);
    assertEquals(List.of("activate", "config 4 2 9"), device.calls());
  }

  @Test
  void theBarIsReachedThroughTheWindowInTheConfigurationSpace() {
    assertEquals(0, windowsOpened);
    transport.writeConfig(driver.window() + 4, 1, 0); // BAR 0
    transport.writeConfig(driver.window() + 8, 4, PciBar.COMMON + 0x14);
    transport.writeConfig(driver.window() + 12, 4, 1);
    assertTrue(windowsOpened > 0);
    transport.writeConfig(driver.window() + 16, 1, 1);
    assertEquals(1, driver.status());
    driver.set(0x14, 1, 3);
    assertEquals(3, driver.config(driver.window() + 16, 1));
    assertEquals(0, driver.config(driver.window() + 16, 4)); // not the length that was set
    for (int[] wrong : new int[][] {{1, 0x14, 1}, {0, -1, 1}, {0, PciBar.SIZE, 1}, {0, 0x13, 2}}) {
      transport.writeConfig(driver.window() + 4, 1, wrong[0]);
      transport.writeConfig(driver.window() + 8, 4, wrong[1]);
      transport.writeConfig(driver.window() + 12, 4, wrong[2]);
      transport.writeConfig(driver.window() + 16, wrong[2], 0);
      assertEquals(0, driver.config(driver.window() + 16, wrong[2]));
    }
    assertEquals(3, driver.status());
  }

  @Test
  void theGuestChangesNothingElseOfTheConfigurationSpace() {
    Random random = new Random(11);
    byte[] before = space();
    for (int i = 0; i < 100_000; i++) {
      transport.writeConfig(random.nextInt(4200) - 50, 1 << random.nextInt(4), random.nextLong());
      transport.readConfig(random.nextInt(4200) - 50, 1 << random.nextInt(4));
    }
    byte[] after = space();
    for (int i = 0; i < before.length; i++) {
      boolean mayChange =
          i == 0x04
              || (i >= 0x10 && i < 0x14)
              || i == 0x3c
              || i == driver.msix() + 3
              || (i >= driver.window() + 4 && i < driver.window() + 20);
      if (!mayChange) {
        assertEquals(before[i], after[i], "byte " + i);
      }
    }
    assertEquals(-1, transport.readConfig(-1, 1));
    assertEquals(-1, transport.readConfig(4095, 2));
    assertEquals(-1, transport.readConfig(Integer.MAX_VALUE, 8));
    assertEquals(0, transport.readConfig(4088, 8));
  }

  private byte[] space() {
    byte[] bytes = new byte[PciConfigSpace.PAGE_SIZE];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) transport.readConfig(i, 1);
    }
    return bytes;
  }

  /** Whatever is written where: no exception, and activations and resets take turns. */
  @Test
  void noiseKeepsTheDeviceInTurn() {
    Random random = new Random(7);
    for (int i = 0; i < 200_000; i++) {
      int part = random.nextInt(8) * PciBar.PART_SIZE;
      int offset = part + (random.nextInt(8) == 0 ? random.nextInt(0x1000) : random.nextInt(0x48));
      int size = 1 << random.nextInt(4);
      switch (random.nextInt(16)) {
        case 0 -> driver.start(V1, queue);
        case 1 -> driver.set(0x14, 1, random.nextInt(16) == 0 ? 0 : driver.status() | 15);
        case 2 -> transport.writeBar(offset, size, random.nextLong());
        case 3 -> transport.writeConfig(random.nextInt(256), size, random.nextInt(8));
        case 4 -> transport.writeConfig(0x04, 2, 2);
        case 5, 6 -> transport.readBar(offset, size);
        case 7 -> raiseAll();
        default -> transport.writeBar(offset, size, random.nextInt(16));
      }
    }
    List<String> turns = device.calls().stream().filter(call -> !call.startsWith("conf")).toList();
    assertTrue(turns.size() > 1000);
    for (int i = 0; i < turns.size(); i++) {
      assertEquals(i % 2 == 0 ? "activate" : "reset", turns.get(i));
    }
  }

  private void raiseAll() {
    QueueSet set = device.queues();
    if (set != null) {
      set.notifier().usedBuffers(CallState.current(), 0);
      set.notifier().usedBuffers(CallState.current(), 1);
      set.notifier().configChanged(CallState.current());
    }
  }

  @Test
  void closingStopsALiveDeviceOnce() {
    live();
    transport.close();
    transport.close();
    assertEquals(List.of("activate", "reset"), device.calls());
  }
}
