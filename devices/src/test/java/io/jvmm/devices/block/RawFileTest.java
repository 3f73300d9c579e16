package io.jvmm.devices.block;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.SyscallException;
import io.jvmm.host.file.OpenFile;
import io.jvmm.memory.GuestMemory;
import io.jvmm.memory.IovecArray;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RawFileTest {
  @TempDir private Path folder;

  private String image(int length) throws IOException {
    Path path = folder.resolve("disk.img");
    Files.write(path, new byte[length]);
    return path.toString();
  }

  private static String refusal(String path, boolean readOnly) {
    DiskException refusal = assertThrows(DiskException.class, () -> RawFile.open(path, readOnly));
    String text = String.valueOf(refusal.getMessage());
    assertTrue(text.contains(path), text);
    return text;
  }

  @Test
  void aWriterExcludesEverybody() throws IOException {
    String path = image(512);
    try (RawFile writer = RawFile.open(path, false)) {
      assertFalse(writer.isReadOnly());
      assertTrue(refusal(path, false).contains("in use by another VM"));
      assertTrue(refusal(path, true).contains("in use by another VM"));
    }
    RawFile.open(path, false).close();
  }

  @Test
  void readersShare() throws IOException {
    String path = image(512);
    try (RawFile one = RawFile.open(path, true);
        RawFile two = RawFile.open(path, true)) {
      assertTrue(one.isReadOnly());
      assertTrue(two.isReadOnly());
      assertTrue(refusal(path, false).contains("in use by another VM"));
    }
  }

  @Test
  void whatIsNoDiskIsRefused() throws IOException {
    assertTrue(refusal(image(511), true).contains("smaller than a sector"));
    assertTrue(refusal("/dev/null", true).contains("neither a regular file nor a block device"));
    assertTrue(
        assertThrows(SyscallException.class, () -> RawFile.open(folder.toString(), true))
            .is(Errno.EISDIR));
    assertTrue(
        assertThrows(SyscallException.class, () -> RawFile.open(folder + "/none", true))
            .is(Errno.ENOENT));
  }

  /** Another exclusive user is to the kernel what a mounted file system is. */
  @Test
  void aBlockDeviceThatTheHostUsesIsOnlyRead() throws Exception {
    try (LoopDevice loop = LoopDevice.over(Path.of(image(1 << 16)), 512)) {
      try (OpenFile mounted = OpenFile.claim(loop.path())) {
        assertTrue(mounted.isBlockDevice());
        assertTrue(refusal(loop.path(), false).contains("is in use on this host (mounted"));
        RawFile.open(loop.path(), true).close();
      }
      try (RawFile disk = RawFile.open(loop.path(), false)) {
        assertEquals(1 << 16, disk.length());
        assertThrows(SyscallException.class, () -> OpenFile.claim(loop.path()));
      }
    }
  }

  @Test
  void aBlockDevicesBlocksAreTheDisks() throws Exception {
    try (LoopDevice loop = LoopDevice.over(Path.of(image(1 << 16)), 4096);
        RawFile disk = RawFile.open(loop.path(), false);
        RawFile reader = RawFile.open(image(1 << 16), true)) {
      assertEquals(4096, disk.limits().blockSize());
      assertTrue(disk.limits().canDiscard());
      assertEquals(4096, disk.limits().discardGranularity());
      assertTrue(disk.limits().canWriteZeroes());
      assertFalse(reader.limits().canDiscard());
      assertFalse(reader.limits().canWriteZeroes());
    }
  }

  @Test
  void aFilesBlocksAreItsFileSystems() throws IOException {
    try (RawFile disk = RawFile.open(image(1 << 16), false)) {
      BlockLimits limits = disk.limits();
      assertEquals(512, limits.blockSize());
      assertTrue(limits.physicalBlockSize() >= 512, limits::toString);
      assertEquals(0, limits.physicalBlockSize() & (limits.physicalBlockSize() - 1));
      assertEquals(limits.physicalBlockSize(), limits.discardGranularity());
      assertTrue(limits.canDiscard() && limits.canWriteZeroes());
    }
  }

  @Test
  void aFileThatHasGrownIsLongerWhenItIsAsked() throws IOException {
    String path = image(1 << 16);
    try (RawFile disk = RawFile.open(path, true)) {
      Files.write(Path.of(path), new byte[(1 << 17) + 511]);
      assertEquals(1 << 16, disk.length());
      assertEquals(1 << 17, disk.refreshLength(CallState.current()));
      assertEquals(1 << 17, disk.length());
    }
  }

  @Test
  void whatHasNoDirectPathIsRefused() {
    DiskException refusal =
        assertThrows(DiskException.class, () -> RawFile.open("/proc/self/cmdline", true, true));
    assertTrue(refusal.toString().contains("leave out 'direct'"), refusal.toString());
  }

  @Test
  void buffersAreFilledOneAfterTheOtherAndATruncatedFileIsAnError() throws IOException {
    String path = image(2048);
    byte[] content = new byte[2048];
    for (int i = 0; i < content.length; i++) {
      content[i] = (byte) (i * 7);
    }
    Files.write(Path.of(path), content);
    try (GuestMemory memory =
            GuestMemory.allocate(1 << 20, 1 << 30, 1L << 32, GuestMemory.Backing.ANONYMOUS);
        IovecArray buffers = new IovecArray(4);
        RawFile file = RawFile.open(path, true)) {
      buffers.add(memory.check(0x1000, 100), 100);
      buffers.add(memory.check(0x3000, 924), 924);
      CallState state = CallState.current();
      assertEquals(BlockBackend.DONE, file.read(state, buffers, 512));
      byte[] read = new byte[1024];
      memory.read(0x1000, read, 0, 100);
      memory.read(0x3000, read, 100, 924);
      byte[] expected = new byte[1024];
      System.arraycopy(content, 512, expected, 0, 1024);
      assertArrayEquals(expected, read);

      buffers.clear();
      buffers.add(memory.check(0x1000, 1024), 1024);
      assertEquals(-Errno.EIO, file.read(state, buffers, 1536)); // half of it is there
    }
  }

  @Test
  void anErrorOfTheHostIsTold() throws IOException {
    try (GuestMemory memory =
            GuestMemory.allocate(1 << 20, 1 << 30, 1L << 32, GuestMemory.Backing.ANONYMOUS);
        IovecArray buffers = new IovecArray(4);
        RawFile file = RawFile.open(image(512), true)) {
      buffers.add(memory.check(0x1000, 512), 512);
      assertEquals(-Errno.EBADF, file.write(CallState.current(), buffers, 0));
      assertEquals(-Errno.EINVAL, file.read(CallState.current(), buffers, -1));
      assertEquals(BlockBackend.DONE, file.flush(CallState.current()));
    }
  }
}
