package io.jvmm.devices.block;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jvmm.devices.io.IoRing;
import io.jvmm.host.uring.IoUringProbe;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

class IoUringFileTest extends BackendContract {
  private @Nullable IoRing ring;

  @Override
  BlockBackend backend(RawFile image, BackendDriver driver) {
    assumeTrue(IoUringProbe.tryRing() == 0, "this host has no io_uring for us");
    ring = IoRing.create("test ring", IoUringFile.RING_OPERATIONS);
    return new IoUringFile(image, ring);
  }

  @AfterEach
  void close() {
    if (ring != null) {
      ring.close();
    }
  }
}
