package io.jvmm.devices.block;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.jvmm.virtio.jvm.ShippedJvm;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AllocationTest {
  private static final int REQUESTS = 2000;

  /** C1 code allocates inside the JDK's downcalls; so many batches until C2 has taken over. */
  private static final int MAX_BATCHES = 2000;

  @TempDir private Path folder;

  /** In the JVM that is shipped: as compilers and collector are set there. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aRequestAllocatesNothingOnceWarm(boolean timed) throws IOException, InterruptedException {
    Path image = folder.resolve("disk.img");
    Files.write(image, new byte[1 << 16]);
    assertEquals(
        "0",
        ShippedJvm.run(AllocationTest.class, List.of(), image.toString(), String.valueOf(timed)),
        "bytes for " + REQUESTS + " requests, at best");
  }

  /** Prints the bytes for the image that is named first, with latencies or without. */
  public static void main(String[] args) throws InterruptedException {
    System.out.println(leastBytes(args[0], Boolean.parseBoolean(args[1])));
  }

  private static long leastBytes(String image, boolean timed) throws InterruptedException {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (DiskUnderTest disk = new DiskUnderTest(RawFile.open(image, false))) {
      if (timed) {
        disk.transport.queueStats(0).recordLatencies();
      }
      disk.startPlain();
      long loopThread = loopThread(disk);
      long least = Long.MAX_VALUE;
      for (int batch = 0; batch < MAX_BATCHES && least > 0; batch++) {
        long before = threads.getThreadAllocatedBytes(loopThread);
        for (int i = 0; i < REQUESTS; i++) {
          int type = i % 2 == 0 ? BlockRequest.VIRTIO_BLK_T_IN : BlockRequest.VIRTIO_BLK_T_OUT;
          assertEquals(0, disk.request(type, i % 64, 4096));
        }
        least = Math.min(least, threads.getThreadAllocatedBytes(loopThread) - before);
      }
      return least;
    }
  }

  @Test
  void theMeterCounts() throws IOException, InterruptedException {
    Path image = folder.resolve("disk.img");
    Files.write(image, new byte[512]);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (DiskUnderTest disk = new DiskUnderTest(RawFile.open(image.toString(), false))) {
      long loopThread = loopThread(disk);
      long before = threads.getThreadAllocatedBytes(loopThread);
      disk.loop.execute(() -> assertEquals(100, new byte[100].length));
      loopThread(disk); // has come after it
      assertTrue(threads.getThreadAllocatedBytes(loopThread) - before >= 100);
    }
  }

  private static long loopThread(DiskUnderTest disk) throws InterruptedException {
    AtomicLong id = new AtomicLong();
    CountDownLatch told = new CountDownLatch(1);
    disk.loop.execute(
        () -> {
          id.set(Thread.currentThread().threadId());
          told.countDown();
        });
    told.await();
    return id.get();
  }
}
