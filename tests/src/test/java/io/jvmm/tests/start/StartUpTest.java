package io.jvmm.tests.start;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.tests.Command;
import io.jvmm.tests.Layer;
import io.jvmm.tests.Repository;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Counts what a boot loads and links; no clock. The whole of a boot is held to what is asked of the
 * part before the first {@code KVM_RUN}: there is no reason to be laxer behind it.
 */
class StartUpTest {
  private static final int OUTSIDE_MAX = 20;
  private static final String FROM_ARCHIVE = "source: shared objects file";

  @TempDir static Path directory;
  private static List<String> loaded = List.of();

  @BeforeAll
  static void bootWithAWatchOnClasses() throws Exception {
    Layer.needsKvm();
    Path log = directory.resolve("classes.log");
    Path disk = Files.write(directory.resolve("disk.img"), new byte[1 << 20]);
    Path runtime = Repository.runtime();
    Command.Result result =
        Command.of(
                directory,
                runtime.resolve("bin/java").toString(),
                "@" + runtime.resolve("jvm-options"),
                "-XX:SharedArchiveFile=" + runtime.resolve("lib/jvmm.jsa"),
                "-Xlog:class+load=info:file=" + log,
                "-m",
                "io.jvmm.vmm/io.jvmm.vmm.cli.Jvmm",
                "--kernel",
                Repository.payload("boot"),
                "--rootfs",
                disk.toString())
            .run();
    assertEquals(0, result.status(), result::err);
    assertTrue(result.out().contains("disks: 1"), result::out);
    loaded = Files.readAllLines(log);
  }

  @Test
  void almostEveryClassComesFromTheArchive() {
    List<String> outside = outside();
    assertTrue(
        outside.size() <= OUTSIDE_MAX,
        () -> outside.size() + " classes from outside the archive: " + outside);
  }

  @Test
  void noClassOfJvmmComesFromOutsideTheArchive() {
    assertNone(outside(), " io.jvmm.");
  }

  @Test
  void oneDowncallShapeIsLinked() {
    List<String> stubs =
        loaded.stream()
            .filter(line -> line.contains("jdk.internal.foreign.abi.DowncallStub/"))
            .toList();
    assertEquals(1, stubs.size(), stubs::toString);
  }

  @Test
  void whatIsSlowAtFirstUseIsNotUsed() {
    assertNone(loaded, " java.util.Formatter ");
    assertNone(loaded, " java.util.regex.Pattern ");
    assertNone(loaded, " java.lang.runtime.ObjectMethods ");
    assertNone(loaded, " java.lang.invoke.StringConcatFactory ");
    assertNone(loaded, " java.util.logging.");
    // The JDK's own linker switches on types; nobody else does.
    assertNone(loaded.stream().filter(line -> line.contains("$$TypeSwitch")).toList(), " io.jvmm.");
    assertFalse(loaded.isEmpty());
  }

  @Test
  void whatNobodyAskedForIsNotLoaded() {
    assertNone(loaded, " org.HdrHistogram.");
    assertNone(loaded, " jdk.jfr.");
    assertNone(loaded, " io.jvmm.vmm.control.");
    assertNone(loaded, " io.jvmm.vmm.json.");
  }

  private static List<String> outside() {
    return loaded.stream().filter(line -> !line.contains(FROM_ARCHIVE)).toList();
  }

  private static void assertNone(List<String> lines, String text) {
    assertEquals(List.of(), lines.stream().filter(line -> line.contains(text)).toList());
  }
}
