package io.jvmm.devices.pmem;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.devices.driver.DeviceUnderTest;
import io.jvmm.host.file.OpenFile;
import io.jvmm.virtio.driver.HostileDriver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PmemTest {
  private static final long DATA = DeviceUnderTest.DATA;
  private static final long START = 0x1_0800_0000L;
  private static final long LENGTH = 6L << 20;

  @TempDir private Path folder;

  private static DeviceUnderTest pmem() {
    return new DeviceUnderTest(loop -> new Pmem("image", START, LENGTH, loop)).start();
  }

  @Test
  void theConfigurationSpaceSaysWhereItLies() {
    try (DeviceUnderTest pmem = pmem()) {
      assertEquals(27, pmem.driver.get(0x008));
      assertEquals(START, pmem.transport.read(0x100, 8));
      assertEquals(0x0800_0000, pmem.driver.get(0x100));
      assertEquals(1, pmem.driver.get(0x104));
      assertEquals(LENGTH, pmem.transport.read(0x108, 8));
      assertEquals(0, pmem.transport.read(0x110, 8));
    }
  }

  @Test
  void aFlushIsAnsweredWithOk() {
    try (DeviceUnderTest pmem = pmem()) {
      pmem.memory.setInt(DATA, 0);
      pmem.memory.setInt(DATA + 8, -1);
      pmem.queue(0).chain().read(DATA, 4).write(DATA + 8, 4).submit();
      pmem.exchange(0);
      assertEquals(4, pmem.queue(0).reapedLength());
      assertEquals(0, pmem.memory.getInt(DATA + 8));
      assertEquals(1, pmem.counter("flush.requests"));
    }
  }

  @Test
  void aRequestInPiecesIsOneRequest() {
    try (DeviceUnderTest pmem = pmem()) {
      pmem.memory.setInt(DATA, 0);
      pmem.memory.setInt(DATA + 8, -1);
      pmem.queue(0)
          .chain()
          .read(DATA, 1)
          .read(DATA + 1, 3)
          .write(DATA + 8, 2)
          .write(DATA + 10, 4096)
          .submit();
      pmem.exchange(0);
      assertEquals(4, pmem.queue(0).reapedLength());
      assertEquals(0, pmem.memory.getInt(DATA + 8));
    }
  }

  @Test
  void anUnknownOrIncompleteRequestFails() {
    try (DeviceUnderTest pmem = pmem()) {
      pmem.memory.setInt(DATA, 1);
      pmem.queue(0).chain().read(DATA, 4).write(DATA + 8, 4).submit();
      pmem.exchange(0);
      assertEquals(-1, pmem.memory.getInt(DATA + 8));
      pmem.memory.setInt(DATA, 0);
      pmem.queue(0).chain().read(DATA, 3).write(DATA + 16, 4).submit();
      pmem.exchange(0);
      assertEquals(-1, pmem.memory.getInt(DATA + 16));
      pmem.queue(0).chain().read(DATA, 4).submit();
      pmem.exchange(0);
      assertEquals(0, pmem.queue(0).reapedLength());
      assertEquals(3, pmem.counter("error.requests"));
      assertEquals(0, pmem.counter("flush.requests"));
    }
  }

  @Test
  void noiseOnTheRingNeverStopsTheLoop() {
    Random random = new Random(11);
    try (DeviceUnderTest pmem = pmem()) {
      for (int round = 0; round < 2000; round++) {
        new HostileDriver(pmem.queue(0)).noise(random, DeviceUnderTest.RAM, 0x80000);
        pmem.ring(0);
        pmem.settle();
        pmem.start();
      }
      pmem.memory.setInt(DATA, 0);
      pmem.queue(0).chain().read(DATA, 4).write(DATA + 8, 4).submit();
      pmem.exchange(0);
      assertEquals(0, pmem.memory.getInt(DATA + 8));
      assertTrue(pmem.counter("needs_reset") > 100, () -> "" + pmem.counter("needs_reset"));
    }
  }

  @Test
  void anImageIsRoundedUpToWhatLinuxTakes() throws IOException {
    Path file = Files.write(folder.resolve("image"), new byte[3 << 20]);
    try (PmemImage image = PmemImage.open(file.toString())) {
      assertEquals(4 << 20, image.length());
      assertEquals(file.toString(), image.path());
    }
  }

  @Test
  void anImageThatAnotherMachineWritesIsRefusedAndReadersShareIt() throws IOException {
    Path file = Files.write(folder.resolve("image"), new byte[4096]);
    try (OpenFile writer = OpenFile.forWriting(file.toString())) {
      assertTrue(writer.tryLock(true));
      assertThrows(PmemException.class, () -> PmemImage.open(file.toString()));
    }
    try (PmemImage one = PmemImage.open(file.toString());
        PmemImage other = PmemImage.open(file.toString())) {
      assertEquals(one.length(), other.length());
    }
  }

  @Test
  void whatIsNoImageIsRefused() throws IOException {
    Path empty = Files.createFile(folder.resolve("empty"));
    assertThrows(PmemException.class, () -> PmemImage.open(empty.toString()));
    assertThrows(PmemException.class, () -> PmemImage.open("/dev/null"));
  }
}
