package io.jvmm.host.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.Fd;
import io.jvmm.host.SyscallException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(Steps.class)
class TreeCallsTest {
  @Parameter private Steps steps = Steps.CONFINED;

  @TempDir private Path folder;

  private final CallState state = CallState.current();
  private final NodeCalls nodes = new NodeCalls();
  private final FileStatus status = new FileStatus();
  private TreeCalls tree;
  private Path shared;
  private Fd root;

  @BeforeEach
  void open() throws IOException {
    shared = Files.createDirectory(folder.resolve("shared"));
    root = TreeCalls.openRoot(shared.toString());
    tree = new TreeCalls(steps, MountPoints.NONE);
  }

  @AfterEach
  void close() {
    root.close();
  }

  private static NodeName name(String text) {
    NodeName name = new NodeName(NodeName.NAME_MAX);
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    assertTrue(name.set(bytes, 0, bytes.length), text);
    return name;
  }

  private long find(String text) {
    return tree.tryFind(state, root.number(), name(text));
  }

  private int found(String text) {
    long fd = find(text);
    assertTrue(fd >= 0, () -> text + ": " + fd);
    return (int) fd;
  }

  @Test
  void aNameIsOneStepAndNoOther() {
    assertTrue(name("entry").isEntry());
    assertTrue(name("...").isEntry());
    for (String other : new String[] {"", ".", "..", "a/b", "/", "../x"}) {
      assertFalse(name(other).isEntry(), other);
    }
    NodeName none = new NodeName(NodeName.NAME_MAX);
    assertFalse(none.set(new byte[256], 0, 256));
    assertFalse(none.set(new byte[] {'a', 0, 'b'}, 0, 3));
    assertEquals(0, none.length());
  }

  @Test
  void noStepLeavesTheDirectory() throws IOException {
    Files.writeString(folder.resolve("secret"), "x");
    Files.createSymbolicLink(shared.resolve("link"), Path.of("../secret"));
    Files.createSymbolicLink(shared.resolve("up"), Path.of(".."));
    assertEquals(-Errno.EXDEV, find(".."));
    assertEquals(-Errno.EXDEV, find("../secret"));
    assertEquals(-Errno.EXDEV, find("/etc/passwd"));
    assertEquals(steps == Steps.CONFINED ? -Errno.ELOOP : -Errno.EXDEV, find("up/secret"));
    assertEquals(-Errno.EEXIST, tree.tryCreate(state, root.number(), name("link"), 1, 0600));
    int link = found("link"); // the link itself
    assertEquals(0, nodes.tryStatus(state, link, status));
    assertEquals(FileStatus.S_IFLNK, status.kind());
    NodeCalls.close(state, link);
  }

  @Test
  void aMountIsAWallButWhereItIsNamed() {
    Fd host = TreeCalls.openRoot("/");
    long fd = tree.tryFind(state, host.number(), name("proc"));
    assertEquals(-Errno.EXDEV, fd);
    MountPoints named = MountPoints.below(host, List.of("proc"), steps);
    TreeCalls crossing = new TreeCalls(steps, named);
    fd = crossing.tryFind(state, host.number(), name("proc"));
    assertEquals(0, nodes.tryStatus(state, (int) fd, status));
    assertEquals(1, status.inode());
    assertEquals(-Errno.EXDEV, crossing.tryFind(state, host.number(), name("sys")));
    NodeCalls.close(state, (int) fd);
    host.close();
    for (String none : List.of("none", "", ".", "..", "/", "a//b", "up/secret")) {
      assertThrows(SyscallException.class, () -> MountPoints.below(root, List.of(none), steps));
    }
    assertTrue(MountPoints.below(root, List.of(), steps).isEmpty());
  }

  @Test
  void whatIsHeldIsTheSameUnderAnotherNameAndUnderNone() throws IOException {
    Files.writeString(shared.resolve("old"), "some words");
    int held = found("old");
    assertEquals(0, tree.tryRename(state, root.number(), name("old"), root.number(), name("new")));
    assertEquals(0, nodes.trySetMode(state, held, 0640));
    assertEquals(0, nodes.trySetSize(state, held, 4));
    assertEquals(0, nodes.trySetTimes(state, held, 5, 6, 7, NodeCalls.UTIME_OMIT));
    assertEquals(0, tree.tryLink(state, held, root.number(), name("second")));
    assertEquals(0, nodes.tryStatus(state, held, status));
    assertEquals(0640, status.mode() & 0777);
    assertEquals(4, status.size());
    assertEquals(2, status.links());
    assertEquals(5, status.accessSeconds());
    assertEquals(6, status.accessNanos());
    assertEquals("some", Files.readString(shared.resolve("new")));
    assertEquals(0, tree.tryRemove(state, root.number(), name("new"), 0));
    assertEquals(0, tree.tryRemove(state, root.number(), name("second"), 0));
    long open = nodes.tryOpen(state, held, OpenFlags.O_RDWR);
    assertTrue(open >= 0, () -> "a file without a name: " + open);
    NodeCalls.close(state, (int) open);
    NodeCalls.close(state, held);
  }

  @Test
  void entriesOfEveryKindAreMadeAndListed() {
    int at = root.number();
    long file = tree.tryCreate(state, at, name("file"), OpenFlags.O_RDWR, 0600);
    assertTrue(file >= 0);
    NodeCalls.close(state, (int) file);
    assertEquals(0, tree.tryMakeDirectory(state, at, name("folder"), 0700));
    assertEquals(0, tree.tryMakeNode(state, at, name("pipe"), FileStatus.S_IFIFO | 0600, 0));
    assertEquals(0, tree.tryMakeLink(state, name("any where"), at, name("link")));

    DirectoryEntries entries = new DirectoryEntries();
    long open = nodes.tryOpen(state, at, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
    Set<String> seen = new TreeSet<>();
    while (OpenNode.tryList(state, (int) open, entries, 64) > 0) {
      while (entries.next()) {
        byte[] bytes = new byte[entries.nameLength()];
        entries.copyName(bytes, 0, bytes.length);
        seen.add(new String(bytes, StandardCharsets.UTF_8) + " " + entries.type());
      }
    }
    NodeCalls.close(state, (int) open);
    assertEquals(Set.of(". 4", ".. 4", "file 8", "folder 4", "pipe 1", "link 10"), seen);

    try (Arena arena = Arena.ofConfined()) {
      MemorySegment target = arena.allocate(100);
      int link = found("link");
      long length = nodes.tryReadLink(state, link, target.address(), 100);
      byte[] bytes = new byte[(int) length];
      MemorySegment.copy(target, 0, MemorySegment.ofArray(bytes), 0, length);
      assertEquals("any where", new String(bytes, StandardCharsets.UTF_8));
      NodeCalls.close(state, link);
    }
    assertEquals(0, tree.tryRemove(state, at, name("folder"), TreeCalls.AT_REMOVEDIR));
    assertEquals(-Errno.ENOENT, find("folder"));
  }
}
