package io.jvmm.virtio.pci;

import io.jvmm.host.CallState;
import io.jvmm.memory.GuestMemory;
import io.jvmm.virtio.DeviceStatus;
import io.jvmm.virtio.Doorbell;
import io.jvmm.virtio.Features;
import io.jvmm.virtio.MessageInterrupt;
import io.jvmm.virtio.QueueSet;
import io.jvmm.virtio.driver.CountingMessage;
import io.jvmm.virtio.driver.RecordingDevice;
import io.jvmm.virtio.driver.TestDoorbell;
import io.jvmm.virtio.fuzz.Corpus;
import io.jvmm.virtio.fuzz.FuzzInput;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/**
 * Accesses to the configuration space and the BAR as the fuzzer says. The BAR stays where it is and
 * what is read-only stays as it was; the device lives exactly between DRIVER_OK and the reset after
 * it.
 */
final class PciTransportFuzzTest {
  private static final long RAM = 64 << 10;
  private static final int BAR = 0xd100_8000;
  private static final int STATUS = PciBar.COMMON + 0x14;
  private static final int LIVE =
      DeviceStatus.ACKNOWLEDGE
          | DeviceStatus.DRIVER
          | DeviceStatus.FEATURES_OK
          | DeviceStatus.DRIVER_OK;

  private static final GuestMemory MEMORY =
      GuestMemory.allocate(RAM, 1 << 30, 1L << 32, GuestMemory.Backing.ANONYMOUS);
  private static final Doorbell[] DOORBELLS = {new TestDoorbell(), new TestDoorbell()};

  @Test
  void theCorpusDoesNoHarm() throws IOException {
    Corpus.replay("PciTransport", PciTransportFuzzTest::fuzzerTestOneInput);
  }

  /** The fuzzer's entry. */
  public static void fuzzerTestOneInput(byte[] bytes) {
    new Session(new FuzzInput(bytes)).run();
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }

  /** One transport after power-on. */
  private static final class Session {
    private final FuzzInput input;
    private final RecordingDevice device = new RecordingDevice();
    private final PciTransport transport =
        new PciTransport(
            device,
            MEMORY,
            new MessageInterrupt[] {
              new CountingMessage(), new CountingMessage(), new CountingMessage()
            },
            DOORBELLS,
            MemorySegment.ofArray(new byte[PciConfigSpace.PAGE_SIZE]),
            BAR,
            () -> {});

    Session(FuzzInput input) {
      this.input = input;
    }

    void run() {
      transport.writeConfig(0x04, 2, 6);
      long identity = transport.readConfig(0x00, 4);
      while (input.hasMore()) {
        step();
        check(transport.readConfig(0x00, 4) == identity, "another device");
        QueueSet live = device.queues();
        if (live != null) {
          transport.writeConfig(0x04, 2, 6); // status is read through the BAR
          check((transport.readBar(STATUS, 1) & LIVE) == LIVE, "a device that lives too early");
          check(live.has(Features.VIRTIO_F_VERSION_1), "a driver of another age");
        }
      }
      transport.close();
      check(device.queues() == null, "a device that lives when its transport is closed");
    }

    private void step() {
      int size = 1 << input.below(4);
      QueueSet live = device.queues();
      switch (input.below(12)) {
        case 0 -> transport.readConfig(input.u8(), size);
        case 1, 2 -> transport.writeConfig(input.u8(), size, input.i64());
        case 3 -> transport.readBar(input.u16() & (PciBar.SIZE - 1), size);
        case 4, 5 -> transport.writeBar(input.u16() & (PciBar.SIZE - 1), size, input.i64());
        case 6, 7 -> // a field of the common configuration, a small value
            transport.writeBar(PciBar.COMMON + input.below(0x40), size, input.u8());
        case 8 ->
            transport.writeBar(STATUS, 1, transport.readBar(STATUS, 1) | 1L << input.below(4));
        case 9 -> {
          transport.writeBar(PciBar.COMMON + 0x08, 4, 1);
          transport.writeBar(PciBar.COMMON + 0x0c, 4, 1 | (input.u8() & 1) << 8); // RING_RESET
        }
        case 10 -> {
          if (live != null) {
            live.notifier().usedBuffers(CallState.current(), input.below(2));
            live.notifier().configChanged(CallState.current());
          }
        }
        default -> // a vector of the table
            transport.writeBar(PciBar.MSIX_TABLE + 4 * input.below(16), 4, input.i32());
      }
    }
  }
}
