package io.jvmm.devices.block;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import io.jvmm.devices.io.IoRing;
import io.jvmm.host.uring.IoUringProbe;
import io.jvmm.virtio.jvm.ShippedJvm;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AllocationTest {
  private static final int REQUESTS = 2000;

  /** C1 code allocates inside the JDK's downcalls; so many batches until C2 has taken over. */
  private static final int MAX_BATCHES = 2000;

  @TempDir private Path folder;

  /** How an image is worked. */
  enum Way {
    INLINE,
    WORKERS,
    IO_URING
  }

  /** In the JVM that is shipped: as compilers and collector are set there. */
  @ParameterizedTest
  @CsvSource({"INLINE,false", "INLINE,true", "WORKERS,false", "IO_URING,false"})
  void aRequestAllocatesNothingOnceWarm(Way way, boolean timed)
      throws IOException, InterruptedException {
    assumeTrue(
        way != Way.IO_URING || IoUringProbe.tryRing() == 0, "this host has no io_uring for us");
    Path image = folder.resolve("disk.img");
    Files.write(image, new byte[1 << 16]);
    assertEquals(
        "0",
        ShippedJvm.run(
            AllocationTest.class,
            List.of(),
            image.toString(),
            way.toString(),
            String.valueOf(timed)),
        "bytes for " + REQUESTS + " requests, at best");
  }

  /** Prints the bytes for the image that is named first, worked so, with latencies or without. */
  public static void main(String[] args) throws InterruptedException {
    RawFile image = RawFile.open(args[0], false);
    boolean timed = Boolean.parseBoolean(args[2]);
    switch (Way.valueOf(args[1])) {
      case INLINE -> System.out.println(leastBytes(new InlineImage(image), timed));
      case WORKERS -> System.out.println(leastBytes(new ImageWorkers(image), timed));
      case IO_URING -> {
        try (IoRing ring = IoRing.create("test ring", IoUringFile.RING_OPERATIONS)) {
          System.out.println(leastBytes(new IoUringFile(image, ring), timed));
        }
      }
    }
  }

  /** On the I/O thread and on workers. */
  private static long leastBytes(BlockBackend backend, boolean timed) throws InterruptedException {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (DiskUnderTest disk = new DiskUnderTest(backend)) {
      if (timed) {
        disk.transport.queueStats(0).recordLatencies();
      }
      disk.startPlain();
      long loopThread = loopThread(disk);
      long least = Long.MAX_VALUE;
      for (int batch = 0; batch < MAX_BATCHES && least > 0; batch++) {
        long before = threads.getThreadAllocatedBytes(loopThread) + workers(threads);
        for (int i = 0; i < REQUESTS; i++) {
          int type = i % 2 == 0 ? BlockRequest.VIRTIO_BLK_T_IN : BlockRequest.VIRTIO_BLK_T_OUT;
          assertEquals(0, disk.request(type, i % 64, 4096));
        }
        long after = threads.getThreadAllocatedBytes(loopThread) + workers(threads);
        least = Math.min(least, after - before);
      }
      return least;
    }
  }

  /** What all workers have allocated. */
  private static long workers(ThreadMXBean threads) {
    long bytes = 0;
    for (long id : threads.getAllThreadIds()) {
      ThreadInfo info = threads.getThreadInfo(id);
      if (info != null && info.getThreadName().contains(" worker-")) {
        bytes += threads.getThreadAllocatedBytes(id);
      }
    }
    return bytes;
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
