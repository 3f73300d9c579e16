package io.jvmm.host.uring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.epoll.Epoll;
import io.jvmm.host.file.OpenFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class IoUringTest {
  private static final int SUBMISSIONS = 8;

  private final CallState state = CallState.current();
  private final Arena arena = Arena.ofConfined();
  @TempDir private Path folder;
  private IoUring ring;

  IoUringTest() {
    assumeTrue(IoUringProbe.tryRing() == 0, "this host has no io_uring for us");
    ring = IoUring.create("test ring", SUBMISSIONS, 2 * SUBMISSIONS);
  }

  @BeforeEach
  void enable() {
    ring.registerFiles(2);
    ring.enable();
  }

  @AfterEach
  void close() {
    ring.close();
    arena.close();
  }

  private Sqe entry() {
    Sqe entry = ring.submission().next();
    assertNotNull(entry);
    return entry;
  }

  /** Waits for one end by the ring's descriptor, as a loop does, and answers its result. */
  private int await(long userData) {
    try (Epoll epoll = Epoll.create("test", 1)) {
      epoll.add(ring.fd(), Epoll.EPOLLIN, 0);
      while (!ring.completion().next()) {
        if (ring.needsEnter()) {
          assertEquals(0, ring.enter(state));
        } else {
          epoll.await(state, -1);
        }
      }
    }
    assertEquals(userData, ring.completion().userData());
    int result = ring.completion().result();
    ring.completion().release();
    return result;
  }

  /** One iovec over as many bytes. */
  private long iovec(MemorySegment buffer) {
    MemorySegment iovec = arena.allocate(16, 8);
    iovec.set(ValueLayout.JAVA_LONG, 0, buffer.address());
    iovec.set(ValueLayout.JAVA_LONG, 8, buffer.byteSize());
    return iovec.address();
  }

  @Test
  void anOperationEndsWithItsUserData() {
    assertFalse(ring.completion().hasNext());
    entry().nop(0x1234_5678_9abc_def0L);
    assertTrue(ring.needsEnter());
    assertEquals(0, ring.enter(state));
    assertFalse(ring.needsEnter());
    assertEquals(0, await(0x1234_5678_9abc_def0L));
    assertFalse(ring.completion().next());
  }

  @Test
  void aFullQueueSaysSoAndIsEmptyAfterwards() {
    for (int round = 0; round < 5; round++) { // around the rings more than once
      for (int i = 0; i < SUBMISSIONS; i++) {
        entry().nop(i);
      }
      assertNull(ring.submission().next());
      assertEquals(0, ring.enter(state));
      for (int i = 0; i < SUBMISSIONS; i++) {
        assertEquals(0, await(i));
      }
    }
  }

  @Test
  void moreEndsThanFitAreToldAllTheSame() {
    int count = 6 * SUBMISSIONS;
    for (int i = 0; i < count; i += SUBMISSIONS) {
      for (int j = 0; j < SUBMISSIONS; j++) {
        entry().nop(i + j);
      }
      assertEquals(0, ring.enter(state));
    }
    for (int i = 0; i < count; i++) {
      assertEquals(0, await(i));
    }
  }

  @Test
  void aRegisteredFileIsWrittenSyncedHoledAndRead() throws Exception {
    Path path = Files.write(folder.resolve("file"), new byte[8192]);
    try (OpenFile file = OpenFile.forWriting(path.toString())) {
      ring.setFile(1, file.fd());
    } // the ring keeps it open
    MemorySegment text = arena.allocateFrom("written", StandardCharsets.US_ASCII).asSlice(0, 7);
    entry().writeVector(1, iovec(text), 1, 4097, 1);
    ring.enter(state);
    assertEquals(7, await(1));
    entry().dataSync(1, 2);
    ring.enter(state);
    assertEquals(0, await(2));
    MemorySegment read = arena.allocate(9);
    entry().readVector(1, iovec(read), 1, 4096, 3);
    ring.enter(state);
    assertEquals(9, await(3));
    assertEquals("written", read.asSlice(1).getString(0, StandardCharsets.US_ASCII));
    entry().readVector(1, iovec(read), 1, 8190, 4);
    ring.enter(state);
    assertEquals(2, await(4));
    entry().allocate(1, OpenFile.ZERO_RANGE, 4096, 4096, 5);
    ring.enter(state);
    int zeroed = await(5);
    assertTrue(zeroed == 0 || zeroed == -Errno.EOPNOTSUPP, () -> "" + zeroed);
    if (zeroed == 0) {
      assertEquals(0, Files.readAllBytes(path)[4097]);
    }
    ring.setFile(1, null);
    entry().dataSync(1, 6);
    ring.enter(state);
    assertEquals(-Errno.EBADF, await(6));
  }

  @Test
  void cancellingWhatIsNotThereSaysSo() {
    entry().cancel(77, 1);
    ring.enter(state);
    assertEquals(-Errno.ENOENT, await(1));
  }
}
