package io.jvmm.host.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.SyscallException;
import io.jvmm.host.internal.Fcntl;
import io.jvmm.host.internal.LibC;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class OpenFileTest {
  private final CallState state = CallState.current();

  @TempDir private Path folder = Path.of("");
  private Path path = Path.of("");

  @BeforeEach
  void writeFile() throws Exception {
    path = folder.resolve("disk.img");
    Files.writeString(path, "0123456789");
  }

  private static int errnoOf(Runnable action) {
    return assertThrows(SyscallException.class, action::run).errno();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Test
  void readsAndWritesGoToTheirOffsets() throws Exception {
    try (OpenFile file = OpenFile.forWriting(path.toString());
        Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(16);
      assertEquals(3, file.tryRead(state, buffer.address(), 3, 4));
      assertArrayEquals(bytes("456"), buffer.asSlice(0, 3).toArray(ValueLayout.JAVA_BYTE));
      assertEquals(2, file.tryRead(state, buffer.address(), 16, 8), "up to the end");
      assertEquals(0, file.tryRead(state, buffer.address(), 16, 10));
      assertEquals(-Errno.EINVAL, file.tryRead(state, buffer.address(), 1, -1));
      buffer.set(ValueLayout.JAVA_BYTE, 0, (byte) 'x');
      assertEquals(1, file.tryWrite(state, buffer.address(), 1, 12));
      assertEquals(0, file.tryDataSync(state));
      assertEquals(13, file.length());
    }
    assertArrayEquals(bytes("0123456789\0\0x"), Files.readAllBytes(path));
  }

  @Test
  void whatIsOpenedOnceMoreIsTheSameFileAndMayWait() {
    try (OpenFile file = OpenFile.forWriting(path.toString());
        OpenFile again = file.reopen()) {
      assertTrue(again.isAt(path.toString()));
      assertTrue(again.isWritable());
      int flags = LibC.CALL.fcntl(again.fd().number(), Fcntl.F_GETFL, 0);
      assertEquals(Fcntl.O_RDWR, flags & (Fcntl.O_RDWR | Fcntl.O_NONBLOCK));
    }
  }

  @Test
  void vectorsAreFilledInOrder() {
    try (OpenFile file = OpenFile.forWriting(path.toString());
        Arena arena = Arena.ofConfined()) {
      MemorySegment first = arena.allocate(3);
      MemorySegment second = arena.allocate(4);
      MemorySegment iovecs = arena.allocate(32, 8);
      iovecs.set(ValueLayout.JAVA_LONG, 0, first.address());
      iovecs.set(ValueLayout.JAVA_LONG, 8, 3);
      iovecs.set(ValueLayout.JAVA_LONG, 16, second.address());
      iovecs.set(ValueLayout.JAVA_LONG, 24, 4);
      assertEquals(7, file.tryReadVector(state, iovecs.address(), 2, 1));
      assertArrayEquals(bytes("123"), first.toArray(ValueLayout.JAVA_BYTE));
      assertArrayEquals(bytes("4567"), second.toArray(ValueLayout.JAVA_BYTE));
      assertEquals(7, file.tryWriteVector(state, iovecs.address(), 2, 0));
      file.readFully(second.address(), 4, 3);
      assertArrayEquals(bytes("4567"), second.toArray(ValueLayout.JAVA_BYTE));
    }
  }

  @Test
  void aFileThatEndsEarlyIsAnError() {
    try (OpenFile file = OpenFile.forReading(path.toString());
        Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(16);
      file.readFully(buffer.address(), 10, 0);
      assertEquals(Errno.EIO, errnoOf(() -> file.readFully(buffer.address(), 11, 0)));
    }
  }

  @Test
  void whatAFileIsIsTold() {
    try (OpenFile file = OpenFile.forReading(path.toString());
        OpenFile device = OpenFile.forReading("/dev/zero")) {
      assertTrue(file.isRegular());
      assertFalse(file.isBlockDevice());
      assertFalse(file.isWritable());
      assertFalse(device.isRegular());
      assertFalse(device.isBlockDevice());
    }
    try (OpenFile file = OpenFile.forWriting(path.toString())) {
      assertTrue(file.isWritable());
    }
  }

  @Test
  void theReadOnlyCannotBeWritten() {
    try (OpenFile file = OpenFile.forReading(path.toString())) {
      long address = state.scratch().address();
      assertEquals(-Errno.EBADF, file.tryWrite(state, address, 1, 0));
    }
  }

  @Test
  void aDirectoryOrAMissingFileIsRefusedByName() {
    SyscallException e =
        assertThrows(SyscallException.class, () -> OpenFile.forReading(folder.toString()));
    assertEquals("open on " + folder + ": EISDIR (21)", e.getMessage());
    assertEquals(Errno.EISDIR, errnoOf(() -> OpenFile.forWriting(folder.toString())));
    assertEquals(Errno.ENOENT, errnoOf(() -> OpenFile.forReading(path + ".missing")));
    assertEquals(Errno.ENOTDIR, errnoOf(() -> OpenFile.forReading(path + "/x")));
  }

  @Test
  void createEmptiesAndMakes() throws Exception {
    OpenFile.create(path.toString()).close();
    assertEquals(0, Files.size(path));
    Path fresh = folder.resolve("fresh");
    OpenFile.create(fresh.toString()).close();
    assertEquals(0, Files.size(fresh));
  }

  @Test
  void whatIsKeptIsThereUntilItIsEmptied() throws Exception {
    try (OpenFile file = OpenFile.createKeeping(path.toString())) {
      assertEquals(10, Files.size(path));
      file.empty();
      assertEquals(0, Files.size(path));
    }
    Path fresh = folder.resolve("fresh");
    OpenFile.createKeeping(fresh.toString()).close();
    assertEquals(0, Files.size(fresh));
    try (OpenFile device = OpenFile.createKeeping("/dev/null")) {
      device.empty();
    }
  }

  @Test
  @Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // open(2) would wait
  void aFifoThatNobodyReadsIsRefusedAtOnce() {
    String fifo = folder.resolve("fifo").toString();
    assertEquals(0, LibC.CALL.mkfifo(fifo, 0600));
    assertEquals(Errno.ENXIO, errnoOf(() -> OpenFile.create(fifo)));
    assertEquals(Errno.ENXIO, errnoOf(() -> OpenFile.createKeeping(fifo)));
    try (OpenFile reader = OpenFile.forReading(fifo);
        OpenFile writer = OpenFile.createKeeping(fifo)) {
      writer.empty();
      assertTrue(writer.isAt(fifo));
      assertTrue(reader.isAt(fifo));
    }
  }

  @Test
  void aFileIsTheSameByAnyName() throws Exception {
    Path hard = Files.createLink(folder.resolve("hard"), path);
    Path soft = Files.createSymbolicLink(folder.resolve("soft"), path);
    Path other = Files.writeString(folder.resolve("other"), "0123456789");
    try (OpenFile file = OpenFile.forReading(path.toString())) {
      assertTrue(file.isAt(path.toString()));
      assertTrue(file.isAt(hard.toString()));
      assertTrue(file.isAt(soft.toString()));
      assertFalse(file.isAt(other.toString()));
      assertFalse(file.isAt(path + ".missing"));
    }
  }

  @Test
  void aFileNeedsNoClaim() {
    try (OpenFile one = OpenFile.claim(path.toString());
        OpenFile two = OpenFile.claim(path.toString())) {
      assertTrue(one.isWritable());
      assertTrue(two.isWritable());
    }
    assertEquals(Errno.ENOENT, errnoOf(() -> OpenFile.claim(path + ".missing")));
  }

  @Test
  void aBlockDeviceIsClaimedOnce() throws Exception {
    Path image = folder.resolve("device.img");
    Files.write(image, new byte[1 << 16]);
    try (LoopDevice device = LoopDevice.over(image)) {
      OpenFile one = OpenFile.claim(device.path());
      assertTrue(one.isBlockDevice());
      assertEquals(1 << 16, one.length());
      assertEquals(Errno.EBUSY, errnoOf(() -> OpenFile.claim(device.path())));
      OpenFile.forReading(device.path()).close();
      one.close();
      OpenFile.claim(device.path()).close();
    }
  }

  @Test
  void oneWriterOrManyReaders() {
    OpenFile one = OpenFile.forWriting(path.toString());
    try (OpenFile two = OpenFile.forWriting(path.toString())) {
      assertTrue(one.tryLock(false));
      assertTrue(two.tryLock(false));
      assertFalse(two.tryLock(true), "one reads");
      one.close();
      assertTrue(two.tryLock(true), "a lock goes with its descriptor");
      try (OpenFile three = OpenFile.forReading(path.toString())) {
        assertFalse(three.tryLock(false));
      }
    }
  }
}
