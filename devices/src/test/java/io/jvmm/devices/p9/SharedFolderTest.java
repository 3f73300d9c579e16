package io.jvmm.devices.p9;

import static io.jvmm.devices.p9.P9Driver.ROOT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.host.Errno;
import io.jvmm.host.tree.OpenFlags;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a guest can do in a shared folder. */
@Timeout(60)
class SharedFolderTest {
  @TempDir private Path above;

  private Path folder;

  @BeforeEach
  void makeFolder() throws IOException {
    folder = Files.createDirectory(above.resolve("shared"));
  }

  @Test
  void whatIsReadAndWrittenIsCounted() throws IOException {
    Files.writeString(folder.resolve("file"), "0123456789");
    try (P9Driver driver = P9Driver.mount(folder)) {
      assertEquals(0, driver.walk(ROOT, 2, "file"));
      assertEquals(0, driver.open(2, OpenFlags.O_RDWR));
      driver.read(2, 0, 100);
      assertEquals(0, driver.write(2, 0, "xyz"));
      assertEquals(10, driver.test.counter("read.bytes"));
      assertEquals(3, driver.test.counter("write.bytes"));
    }
  }

  @Test
  void aFileIsReadFromAnyPlace() throws IOException {
    Files.createDirectory(folder.resolve("sub"));
    Files.writeString(folder.resolve("sub/file"), "0123456789");
    try (P9Driver driver = P9Driver.mount(folder)) {
      assertEquals(0, driver.walk(ROOT, 2, "sub", "file"));
      assertEquals(0, driver.open(2, OpenFlags.O_RDONLY));
      assertEquals("0123456789", driver.read(2, 0, 100));
      assertEquals("345", driver.read(2, 3, 3));
      assertEquals("", driver.read(2, 10, 3));
      assertEquals(0, driver.clunk(2));
      assertEquals(Errno.EBADF, driver.clunk(2));
    }
  }

  @Test
  void aFileIsMadeAndWritten() throws IOException {
    try (P9Driver driver = P9Driver.mount(folder)) {
      assertEquals(0, driver.walk(ROOT, 2));
      driver.begin(P9.TLCREATE).u32(2).string("new").u32(OpenFlags.O_RDWR).u32(0640).u32(0);
      driver.expect();
      assertEquals(0, driver.write(2, 0, "some words"));
      assertEquals(10, driver.reply().getInt());
      assertEquals(0, driver.write(2, 5, "bytes"));
      assertEquals("some bytes", driver.read(2, 0, 100));
      assertEquals(0, driver.begin(P9.TFSYNC).u32(2).u32(0).send());
      driver.begin(P9.TGETATTR).u32(2).u64(P9.GETATTR_BASIC);
      ByteBuffer is = driver.expect();
      assertEquals(0100640, is.getInt(7 + 8 + 13));
      assertEquals(0, driver.clunk(2));
    }
    assertEquals("some bytes", Files.readString(folder.resolve("new")));
  }

  @Test
  void aFileStaysReadableAndWritableWhenItsNameIsGone() throws IOException {
    Files.writeString(folder.resolve("file"), "old");
    try (P9Driver driver = P9Driver.mount(folder)) {
      assertEquals(0, driver.walk(ROOT, 2, "file"));
      assertEquals(0, driver.open(2, OpenFlags.O_RDWR));
      assertEquals(0, driver.begin(P9.TUNLINKAT).u32(ROOT).string("file").u32(0).send());
      assertEquals(Errno.ENOENT, driver.walk(ROOT, 3, "file"));
      assertEquals(0, driver.write(2, 3, "er"));
      assertEquals("older", driver.read(2, 0, 10));
    }
  }

  @Test
  void entriesAreListedFromEachCookieOn() throws IOException {
    Set<String> made = new TreeSet<>(Set.of(".", ".."));
    for (int i = 0; i < 300; i++) {
      Files.createFile(folder.resolve("entry-" + i));
      made.add("entry-" + i);
    }
    try (P9Driver driver = P9Driver.mount(folder)) {
      assertEquals(0, driver.walk(ROOT, 2));
      assertEquals(0, driver.open(2, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY));
      Set<String> seen = new TreeSet<>();
      long cookie = 0;
      while (true) {
        driver.begin(P9.TREADDIR).u32(2).u64(cookie).u32(1000);
        ByteBuffer entries = driver.expect();
        if (entries.getInt() == 0) {
          break;
        }
        while (entries.hasRemaining()) {
          entries.position(entries.position() + P9.QID_SIZE);
          cookie = entries.getLong();
          entries.get();
          byte[] name = new byte[entries.getShort()];
          entries.get(name);
          assertTrue(seen.add(new String(name, StandardCharsets.UTF_8)));
        }
      }
      assertEquals(made, seen);
    }
  }

  @Test
  void nothingOutsideIsReached() throws IOException {
    Files.writeString(above.resolve("secret"), "x");
    Files.createSymbolicLink(folder.resolve("link"), Path.of("../secret"));
    Files.createSymbolicLink(folder.resolve("up"), Path.of(".."));
    try (P9Driver driver = P9Driver.mount(folder)) {
      assertEquals(0, driver.walk(ROOT, 2, ".."));
      assertEquals(Errno.ENOENT, driver.walk(2, 3, "secret"));
      for (String name : new String[] {"../secret", "/etc/passwd", "a/b", ""}) {
        assertEquals(Errno.ENOENT, driver.walk(ROOT, 3, name), name);
      }
      assertEquals(0, driver.walk(ROOT, 4, "link"));
      assertEquals(Errno.ELOOP, driver.open(4, OpenFlags.O_RDONLY));
      assertEquals(0, driver.walk(ROOT, 5, "up", "secret")); // as far as the first step
      assertEquals(1, driver.reply().getShort());
      assertEquals(Errno.EBADF, driver.open(5, OpenFlags.O_RDONLY));
      for (String name : new String[] {"../made", "..", ".", "a/b"}) {
        driver.begin(P9.TMKDIR).u32(ROOT).string(name).u32(0755).u32(0);
        assertTrue(driver.send() != 0, name);
      }
      driver.begin(P9.TREADLINK).u32(4);
      ByteBuffer target = driver.expect();
      byte[] text = new byte[target.getShort()];
      target.get(text);
      assertEquals("../secret", new String(text, StandardCharsets.UTF_8));
    }
    assertFalse(Files.exists(above.resolve("made")));
  }

  @Test
  void aDirectoryThatTheHostMovesOutIsNoWayOut() throws IOException {
    Files.createDirectories(folder.resolve("a/b"));
    Files.createDirectory(above.resolve("outside"));
    Files.writeString(above.resolve("outside/secret"), "x");
    try (P9Driver driver = P9Driver.mount(folder)) {
      assertEquals(0, driver.walk(ROOT, 2, "a", "b"));
      Files.move(folder.resolve("a/b"), above.resolve("outside/b"));
      assertEquals(Errno.ESTALE, driver.walk(2, 3, ".."));
    }
  }

  @Test
  void entriesAreMovedLinkedAndRemoved() throws IOException {
    Files.writeString(folder.resolve("one"), "1");
    Files.writeString(folder.resolve("two"), "2");
    try (P9Driver driver = P9Driver.mount(folder)) {
      driver.begin(P9.TRENAMEAT).u32(ROOT).string("one").u32(ROOT).string("two");
      driver.expect();
      assertEquals(0, driver.walk(ROOT, 2, "two"));
      driver.begin(P9.TLINK).u32(ROOT).u32(2).string("three").expect();
      driver.begin(P9.TRENAME).u32(2).u32(ROOT).string("four").expect();
      assertEquals("1", Files.readString(folder.resolve("three")));
      assertEquals("1", Files.readString(folder.resolve("four")));
      assertEquals(0, driver.walk(ROOT, 3, "three"));
      assertEquals(0, driver.begin(P9.TREMOVE).u32(3).send());
      assertFalse(Files.exists(folder.resolve("three")));
      driver.begin(P9.TSYMLINK).u32(ROOT).string("link").string("any where").u32(0).expect();
      assertEquals(Path.of("any where"), Files.readSymbolicLink(folder.resolve("link")));
      driver.begin(P9.TMKNOD).u32(ROOT).string("disk").u32(0060600).u32(8).u32(0).u32(0);
      assertEquals(Errno.EPERM, driver.send());
      driver.begin(P9.TMKNOD).u32(ROOT).string("pipe").u32(0010600).u32(0).u32(0).u32(0).expect();
      assertEquals(0, driver.walk(ROOT, 4, "pipe"));
      assertEquals(Errno.ENXIO, driver.open(4, OpenFlags.O_RDONLY));
    }
  }

  @Test
  void aReadOnlyShareChangesNothing() throws IOException {
    Files.writeString(folder.resolve("file"), "x");
    try (P9Driver driver = P9Driver.mountReadOnly(folder)) {
      assertEquals(0, driver.walk(ROOT, 2, "file"));
      assertEquals(Errno.EROFS, driver.open(2, OpenFlags.O_RDWR));
      assertEquals(Errno.EROFS, driver.open(2, OpenFlags.O_TRUNC));
      assertEquals(0, driver.open(2, OpenFlags.O_RDONLY));
      assertEquals(Errno.EROFS, driver.begin(P9.TUNLINKAT).u32(ROOT).string("file").u32(0).send());
      driver.begin(P9.TMKDIR).u32(ROOT).string("new").u32(0755).u32(0);
      assertEquals(Errno.EROFS, driver.send());
      assertEquals("x", driver.read(2, 0, 1));
      assertEquals(Errno.EBADF, driver.write(2, 0, "y"));
    }
  }

  @Test
  void extendedAttributesAreSetReadListedAndRemoved() throws IOException {
    Files.writeString(folder.resolve("file"), "x");
    try (P9Driver driver = P9Driver.mount(folder)) {
      assertEquals(0, driver.walk(ROOT, 2, "file"));
      assertEquals(0, driver.walk(ROOT, 3, "file"));
      driver.begin(P9.TXATTRCREATE).u32(3).string("user.note").u64(5).u32(0).expect();
      assertEquals(0, driver.write(3, 0, "hello"));
      assertEquals(0, driver.clunk(3));
      driver.begin(P9.TXATTRWALK).u32(2).u32(4).string("user.note").expect();
      assertEquals(5, driver.reply().getLong());
      assertEquals("hello", driver.read(4, 0, 100));
      driver.begin(P9.TXATTRWALK).u32(2).u32(5).string("").expect();
      assertTrue(driver.read(5, 0, 100).contains("user.note\0"));
      assertEquals(0, driver.walk(ROOT, 6, "file"));
      driver.begin(P9.TXATTRCREATE).u32(6).string("user.note").u64(0).u32(2).expect();
      assertEquals(0, driver.clunk(6));
      driver.begin(P9.TXATTRWALK).u32(2).u32(7).string("user.note");
      assertEquals(Errno.ENODATA, driver.send());
    }
  }

  @Test
  void messagesWithoutSenseAreRefusedAndHurtNobody() throws IOException {
    Files.writeString(folder.resolve("file"), "x");
    try (P9Driver driver = P9Driver.mount(folder)) {
      assertEquals(Errno.EOPNOTSUPP, driver.begin(250).u32(ROOT).send());
      assertEquals(Errno.EBADF, driver.walk(77, 78));
      assertEquals(
          Errno.EBADF, driver.walk(ROOT, ROOT + 1, "file") == 0 ? driver.walk(ROOT, 2) : 0);
      assertEquals(Errno.EINVAL, driver.begin(P9.TWALK).u32(ROOT).u32(9).u16(1).send());
      assertEquals(Errno.EINVAL, driver.begin(P9.TWALK).u32(ROOT).u32(9).u16(17).send());
      driver.begin(P9.TREAD).u32(2).u64(-1).u32(4);
      assertEquals(Errno.EINVAL, driver.send());
      driver.begin(P9.TWRITE).u32(2).u64(0).u32(0x7fff_ffff);
      assertEquals(Errno.EINVAL, driver.send());
      assertEquals(0, driver.walk(ROOT, 5, "file"));
    }
  }

  @Test
  void aNewVersionForgetsEveryFid() {
    try (P9Driver driver = P9Driver.mount(folder)) {
      assertEquals(0, driver.walk(ROOT, 2));
      driver.begin(P9.TVERSION).u32(8192).string("9P2000.L").expect();
      assertEquals(8192, driver.reply().getInt());
      assertEquals(Errno.EBADF, driver.walk(2, 3));
      driver.begin(P9.TVERSION).u32(8192).string("9P2000").expect();
      assertEquals(Errno.EPROTO, driver.walk(2, 3));
    }
  }
}
