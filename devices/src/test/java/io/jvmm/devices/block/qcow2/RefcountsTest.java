package io.jvmm.devices.block.qcow2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RefcountsTest {
  private static final int CLUSTER = 1 << 16;
  private static final int SCAN_MAX = 1000;

  /** Refcounts of 16 bits in a cluster. */
  private static final int IN_A_BLOCK = CLUSTER / 2;

  @TempDir private Path folder;

  private final CallState state = CallState.current();

  @Test
  void aRequestLooksAtABoundedNumberOfClustersAndTheNextGoesOn() throws IOException {
    byte[] image = BlankImage.of(1 << 20).bytes();
    Arrays.fill(image, 2 * CLUSTER, 3 * CLUSTER, (byte) 1); // the block: nothing is free
    Path path = folder.resolve("full.qcow2");
    Files.write(path, image);
    try (HostFile file = HostFile.open(path.toString(), false)) {
      Qcow2Header header = Qcow2Image.readHeader(file);
      Extent extent = new Extent(header, file.length());
      try (Refcounts refcounts = Refcounts.load(state, file, header, extent, SCAN_MAX)) {
        long result = -Errno.EIO;
        int requests = 0;
        while (result == -Errno.EIO && requests <= IN_A_BLOCK / SCAN_MAX) {
          result = refcounts.allocate(state, 1);
          requests++;
        }
        assertTrue(requests >= IN_A_BLOCK / SCAN_MAX, "requests " + requests);
        // The first cluster behind has become the block for itself and the next.
        assertEquals((IN_A_BLOCK + 1L) * CLUSTER, result);
      }
    }
  }
}
