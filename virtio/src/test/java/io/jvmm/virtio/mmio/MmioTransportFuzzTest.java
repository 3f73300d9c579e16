package io.jvmm.virtio.mmio;

import io.jvmm.host.CallState;
import io.jvmm.memory.GuestMemory;
import io.jvmm.virtio.DeviceStatus;
import io.jvmm.virtio.Doorbell;
import io.jvmm.virtio.Features;
import io.jvmm.virtio.QueueSet;
import io.jvmm.virtio.driver.CountingInterrupt;
import io.jvmm.virtio.driver.RecordingDevice;
import io.jvmm.virtio.driver.TestDoorbell;
import io.jvmm.virtio.fuzz.Corpus;
import io.jvmm.virtio.fuzz.FuzzInput;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/**
 * Accesses to the registers as the fuzzer says. Status, features and queues must stay what the spec
 * allows, and the device must live exactly between DRIVER_OK and the reset after it.
 */
final class MmioTransportFuzzTest {
  private static final long RAM = 64 << 10;
  private static final int ACKNOWLEDGED = DeviceStatus.ACKNOWLEDGE;
  private static final int DRIVEN = ACKNOWLEDGED | DeviceStatus.DRIVER;
  private static final int AGREED = DRIVEN | DeviceStatus.FEATURES_OK;

  private static final GuestMemory MEMORY =
      GuestMemory.allocate(RAM, 1 << 30, 1L << 32, GuestMemory.Backing.ANONYMOUS);
  private static final TestDoorbell[] DOORBELLS = {new TestDoorbell(), new TestDoorbell()};

  @Test
  void theCorpusDoesNoHarm() throws IOException {
    Corpus.replay("MmioTransport", MmioTransportFuzzTest::fuzzerTestOneInput);
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
    private final CountingInterrupt interrupt = new CountingInterrupt();
    private final MmioTransport transport =
        new MmioTransport(device, MEMORY, interrupt, new Doorbell[] {DOORBELLS[0], DOORBELLS[1]});

    Session(FuzzInput input) {
      this.input = input;
    }

    void run() {
      while (input.hasMore()) {
        int before = status();
        boolean lived = device.queues() != null;
        boolean reset = step();
        checkStatus(reset ? 0 : before);
        checkDevice(lived && !reset);
      }
      transport.close();
      check(device.queues() == null, "a device that lives when its transport is closed");
    }

    private int status() {
      return (int) transport.read(MmioRegister.STATUS, 4);
    }

    /** One access, or the device gives up; answers whether that was a reset. */
    private boolean step() {
      int kind = input.below(16);
      QueueSet live = device.queues();
      if (kind == 0 && live != null) {
        live.notifier().needsReset(CallState.current(), "the fuzzer says so");
        return false;
      }
      if (kind < 3) {
        transport.read(input.u16() & 0xfff, 1 << input.below(4));
        return false;
      }
      if (kind < 4) {
        transport.write(input.u16() & 0xfff, 1 << input.below(4), input.i64());
        return status() == 0;
      }
      if (kind < 9) { // as a driver would add the next bit
        int bits = new int[] {1, 2, 8, 4, 0, 64, 128, 255}[input.below(8)];
        transport.write(MmioRegister.STATUS, 4, bits == 0 ? 0 : status() | bits);
        return bits == 0;
      }
      if (kind < 10) {
        transport.write(MmioRegister.DRIVER_FEATURES_SEL, 4, 1);
        int ringReset = (input.u8() & 1) << 8;
        transport.write(MmioRegister.DRIVER_FEATURES, 4, 1 | ringReset);
        return false;
      }
      int offset = input.below(MmioRegister.CONFIG / Integer.BYTES) * Integer.BYTES;
      long value = input.bool() ? input.u8() : input.i64();
      transport.write(offset, 4, value);
      return offset == MmioRegister.STATUS && (value & 0xff) == 0;
    }

    private void checkStatus(int before) {
      int now = status();
      check((now & before) == before, "a status bit went away");
      check(
          (now & DeviceStatus.DRIVER_OK) == 0 || (now & AGREED) == AGREED,
          "DRIVER_OK before its time");
      check(
          (now & DeviceStatus.FEATURES_OK) == 0 || (now & DRIVEN) == DRIVEN,
          "FEATURES_OK before its time");
      check(
          (now & DeviceStatus.DRIVER) == 0 || (now & ACKNOWLEDGED) == ACKNOWLEDGED,
          "DRIVER before its time");
    }

    private void checkDevice(boolean lived) {
      QueueSet live = device.queues();
      boolean ready = (status() & DeviceStatus.DRIVER_OK) != 0;
      check(live == null || ready, "a device that lives without its driver");
      check(live != null || !lived, "a device that died without a reset");
      if (live != null) {
        check(live.has(Features.VIRTIO_F_VERSION_1), "a driver of another age");
      }
    }
  }
}
