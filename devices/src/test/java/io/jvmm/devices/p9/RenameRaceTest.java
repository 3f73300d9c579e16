package io.jvmm.devices.p9;

import static io.jvmm.devices.p9.P9Driver.ROOT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.host.tree.OpenFlags;
import io.jvmm.host.tree.Steps;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A host's program changes directories for symbolic links to places outside, and moves directories
 * out and in, as fast as it can, while a guest does all that it can do there.
 */
@Timeout(300)
class RenameRaceTest {
  private static final int TURNS = 10_000;

  /** As a race may need either to be slow. */
  private static final int SWAPS_MIN = 300;

  @TempDir private Path above;

  private Path folder;
  private Path outside;
  private Path parked;
  private final Set<Long> forbidden = new HashSet<>();
  private final AtomicInteger swaps = new AtomicInteger();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private int reached;

  @BeforeEach
  void makeTrees() throws IOException {
    outside = Files.createDirectories(above.resolve("outside"));
    Files.createDirectories(outside.resolve("sub/low"));
    for (String secret : new String[] {"in", "sub/in", "sub/low/in", "secret"}) {
      Files.writeString(outside.resolve(secret), "SECRET");
    }
    parked = Files.createDirectory(above.resolve("parked"));
    folder = Files.createDirectory(above.resolve("shared"));
    for (String name : new String[] {"swapped", "moved"}) {
      Files.createDirectories(folder.resolve(name + "/sub/low"));
      for (String file : new String[] {"/in", "/sub/in", "/sub/low/in"}) {
        Files.writeString(folder.resolve(name + file), "inside");
      }
    }
    Files.createSymbolicLink(folder.resolve("link"), outside);
    Files.createDirectories(folder.resolve("full/of/it"));
    forbidden.add(TreeImage.inode(above));
    forbidden.add(TreeImage.inode(parked));
    for (Path path : TreeImage.paths(outside)) {
      forbidden.add(TreeImage.inode(path));
    }
  }

  @ParameterizedTest
  @EnumSource(Steps.class)
  void nothingOutsideIsReachedOrChanged(Steps steps) throws Exception {
    Map<Path, String> before = TreeImage.of(outside);
    AtomicBoolean ends = new AtomicBoolean();
    Thread host = new Thread(() -> swap(ends), "host");
    host.start();
    try (P9Driver driver = P9Driver.mount(folder, steps)) {
      Random random = new Random(9);
      for (int turn = 0; turn < TURNS || (swaps.get() < SWAPS_MIN && host.isAlive()); turn++) {
        act(driver, random);
      }
    } finally {
      ends.set(true);
      host.join();
    }
    assertEquals(null, failure.get());
    assertEquals(before, TreeImage.of(outside));
    assertTrue(reached > TURNS / 20, "the guest got nowhere: " + reached);
  }

  private void swap(AtomicBoolean ends) {
    try {
      Path swapped = folder.resolve("swapped");
      Path link = folder.resolve("link");
      Path aside = folder.resolve("aside");
      Path moved = folder.resolve("moved");
      while (!ends.get()) {
        Files.move(swapped, aside);
        Files.move(link, swapped); // which is then the way out
        Files.move(moved, parked.resolve("moved"));
        Files.move(swapped, link);
        Files.move(aside, swapped);
        Files.move(parked.resolve("moved"), moved);
        swaps.incrementAndGet();
      }
    } catch (IOException | RuntimeException e) {
      failure.set(e);
    }
  }

  private void act(P9Driver driver, Random random) {
    String name = random.nextInt(3) == 0 ? "moved" : "swapped";
    int fid = 10;
    int error =
        switch (random.nextInt(5)) {
          case 0 -> driver.walk(ROOT, fid, name);
          case 1 -> driver.walk(ROOT, fid, name, "sub");
          case 2 -> driver.walk(ROOT, fid, name, "sub", "low");
          case 3 -> driver.walk(ROOT, fid, name, "sub", "..", "in");
          default -> driver.walk(ROOT, fid, name, "in");
        };
    if (error != 0 || driver.begin(P9.TGETATTR).u32(fid).u64(P9.GETATTR_BASIC).send() != 0) {
      return;
    }
    reached++;
    assertInside(driver.path(fid));
    switch (random.nextInt(10)) {
      case 0, 1 -> readOrList(driver, fid);
      case 2 -> make(driver, fid, random);
      case 3 -> remove(driver, fid);
      case 4 -> driver.begin(P9.TSYMLINK).u32(fid).string("s").string("../..").u32(0).send();
      case 5 -> up(driver, fid);
      case 6 -> setMode(driver, fid);
      case 7 -> moveOver(driver, fid);
      case 8 -> driver.begin(P9.TLINK).u32(ROOT).u32(fid).string("linked").send();
      default -> driver.begin(P9.TMKDIR).u32(fid).string("d").u32(0700).u32(0).send();
    }
    driver.clunk(fid);
    driver.begin(P9.TUNLINKAT).u32(ROOT).string("linked").u32(0).send();
  }

  private void assertInside(long path) {
    assertFalse(forbidden.contains(path), "it is outside");
  }

  private void readOrList(P9Driver driver, int fid) {
    if (driver.open(fid, OpenFlags.O_RDONLY) != 0) {
      return;
    }
    if (driver.begin(P9.TREAD).u32(fid).u64(0).u32(100).send() == 0) {
      byte[] data = new byte[driver.reply().getInt()];
      driver.reply().get(data);
      String text = new String(data, StandardCharsets.UTF_8);
      assertTrue("inside".startsWith(text) || text.equals("made"), text);
      return;
    }
    for (Map.Entry<String, Long> entry : driver.list(fid).entrySet()) {
      assertFalse(entry.getKey().equals("secret"), "an entry of outside");
      assertInside(entry.getValue());
    }
  }

  private static void make(P9Driver driver, int fid, Random random) {
    int flags = OpenFlags.O_RDWR | OpenFlags.O_TRUNC;
    String name = random.nextBoolean() ? "new" : "in";
    driver.begin(P9.TLCREATE).u32(fid).string(name).u32(flags).u32(0666).u32(0);
    if (driver.send() == 0) {
      driver.write(fid, 0, "made");
    }
  }

  private static void remove(P9Driver driver, int fid) {
    driver.begin(P9.TUNLINKAT).u32(fid).string("new").u32(0).send();
    driver.begin(P9.TUNLINKAT).u32(fid).string("s").u32(0).send();
    driver.begin(P9.TUNLINKAT).u32(fid).string("secret").u32(0).send();
    driver.begin(P9.TUNLINKAT).u32(fid).string("d").u32(P9.DOTL_AT_REMOVEDIR).send();
  }

  private void up(P9Driver driver, int fid) {
    for (int steps = 0; steps < 5 && driver.walk(fid, fid, "..") == 0; steps++) {
      assertInside(driver.path(fid));
    }
  }

  private static void setMode(P9Driver driver, int fid) {
    int valid = P9.SETATTR_MODE | P9.SETATTR_ATIME | P9.SETATTR_MTIME;
    driver.begin(P9.TSETATTR).u32(fid).u32(valid).u32(0777).u32(0).u32(0).u64(0);
    driver.u64(0).u64(0).u64(0).u64(0).send();
  }

  private static void moveOver(P9Driver driver, int fid) {
    driver.begin(P9.TRENAMEAT).u32(fid).string("new").u32(fid).string("newer").send();
    driver.begin(P9.TRENAMEAT).u32(fid).string("newer").u32(ROOT).string("newest").send();
    driver.begin(P9.TRENAME).u32(fid).u32(ROOT).string("full").send(); // which is refused
  }
}
