package io.jvmm.devices.p9;

import static io.jvmm.devices.p9.P9Driver.ROOT;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import io.jvmm.devices.driver.DeviceUnderTest;
import io.jvmm.host.tree.OpenFlags;
import io.jvmm.virtio.jvm.ShippedJvm;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SharedFolderAllocationTest {
  private static final int ROUNDS = 500;
  private static final int FILE = 2;

  /** C1 code allocates inside the JDK's calls; so many batches until C2 has taken over. */
  private static final int MAX_BATCHES = 2000;

  @TempDir private Path folder;

  /** In the JVM that is shipped: as compilers and collector are set there. */
  @ParameterizedTest
  @ValueSource(strings = {"read", "write", "status", "list"})
  void aMessageAboutAnOpenFileAllocatesNothingOnceWarm(String what)
      throws IOException, InterruptedException {
    Files.writeString(folder.resolve("file"), "x".repeat(10_000));
    String bytes =
        ShippedJvm.run(SharedFolderAllocationTest.class, List.of(), folder.toString(), what);
    assertEquals("0", bytes, () -> bytes + " bytes for " + ROUNDS + " messages, at best");
  }

  /** Prints the bytes for a folder and a message. */
  public static void main(String[] args) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (P9Driver driver = P9Driver.mount(Path.of(args[0]))) {
      if (args[1].equals("list")) {
        driver.walk(ROOT, FILE);
        driver.open(FILE, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
      } else {
        driver.walk(ROOT, FILE, "file");
        driver.open(FILE, OpenFlags.O_RDWR);
      }
      DeviceUnderTest device = driver.test;
      AtomicLong id = new AtomicLong();
      device.loop.execute(() -> id.set(Thread.currentThread().threadId()));
      device.settle();
      begin(driver, args[1]);
      long least = Long.MAX_VALUE;
      for (int batch = 0; batch < MAX_BATCHES && least > 0; batch++) {
        long before = threads.getThreadAllocatedBytes(id.get());
        for (int i = 0; i < ROUNDS; i++) {
          driver.expect();
        }
        least = Math.min(least, threads.getThreadAllocatedBytes(id.get()) - before);
      }
      System.out.println(least);
    }
  }

  private static void begin(P9Driver driver, String what) {
    switch (what) {
      case "read" -> driver.begin(P9.TREAD).u32(FILE).u64(5).u32(4096);
      case "write" -> driver.begin(P9.TWRITE).u32(FILE).u64(0).u32(4).bytes("some");
      case "status" -> driver.begin(P9.TGETATTR).u32(FILE).u64(P9.GETATTR_BASIC);
      case "list" -> driver.begin(P9.TREADDIR).u32(FILE).u64(0).u32(4096);
      default -> throw new IllegalArgumentException(what);
    }
  }
}
