package io.jvmm.tests.start;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.tests.Command;
import io.jvmm.tests.Layer;
import io.jvmm.tests.Repository;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code bin/jvmm}: what it finds, what it runs, what it says. */
class LauncherTest {
  @TempDir Path directory;

  @Test
  void aBootSaysNothingOnStderr() throws Exception {
    Layer.needsKvm();
    Command.Result result = Command.jvmm(directory, "--kernel", Repository.payload("hello")).run();
    assertEquals("", result.err());
    assertEquals(0, result.status());
    assertTrue(result.out().startsWith("hello"), result::out);
  }

  @Test
  void optionsForOtherJavaProgramsAreNotHeard() throws Exception {
    Command.Result result =
        Command.jvmm(directory, "--version")
            .under(
                "env",
                "JAVA_TOOL_OPTIONS=-Dx=1",
                "JDK_JAVA_OPTIONS=--no-such-option",
                "_JAVA_OPTIONS=-Dy=1")
            .run();
    assertEquals("", result.err());
    assertEquals(0, result.status());
  }

  @Test
  void aLinkToTheLauncherFindsTheRuntime() throws Exception {
    Path launcher = Repository.root().resolve("bin/jvmm");
    Path first = Files.createSymbolicLink(directory.resolve("jvmm"), launcher);
    Path second = Files.createSymbolicLink(directory.resolve("linked"), first.getFileName());
    Command.Result result = Command.of(directory, second.toString(), "--version").run();
    Files.delete(second);
    Files.delete(first);
    assertEquals("", result.err());
    assertEquals(0, result.status());
  }

  @Test
  void theLauncherStartsNoOtherProgram() throws Exception {
    // Without a PATH, a program other than the runtime would not be found.
    Command.Result result =
        Command.jvmm(directory, "--version").under("env", "PATH=/nonexistent").run();
    assertEquals("", result.err());
    assertEquals(0, result.status());
  }

  @Test
  void withoutARuntimeItSaysSoInOneLineAndStartsAnyway() throws Exception {
    Path copy = treeWithoutRuntime();
    Command.Result result = version(copy);
    assertEquals(0, result.status(), result::err);
    assertEquals(1, result.errLines().size(), result::err);
    assertTrue(result.err().contains("it is not built"), result::err);
    assertTrue(result.err().contains("mvn -q package"), result::err);
  }

  @Test
  void aRuntimeOlderThanAJarIsNotUsed() throws Exception {
    Path copy = treeWithoutRuntime();
    Path runtime = copy.resolve("vmm/target/runtime/current");
    Path java = Files.createDirectories(runtime.resolve("bin")).resolve("java");
    Files.writeString(java, "#!/bin/sh\necho this runtime is stale\n");
    assertTrue(java.toFile().setExecutable(true));
    Files.createFile(Files.createDirectories(runtime.resolve("lib")).resolve("jvmm.jsa"));
    Path stamp = Files.createFile(runtime.resolve("stamp"));
    Command.Result fresh = version(copy);
    assertEquals("this runtime is stale", fresh.out().strip());
    Files.setLastModifiedTime(stamp, FileTime.fromMillis(0));
    Command.Result result = version(copy);
    assertEquals(0, result.status(), result::err);
    assertTrue(result.out().startsWith("jvmm"), result::out);
    assertEquals(1, result.errLines().size(), result::err);
    assertTrue(result.err().contains("it is older than"), result::err);
  }

  @Test
  void withoutAnyJdk25ItSaysHowToGetOne() throws Exception {
    Path copy = treeWithoutRuntime();
    Files.delete(copy.resolve("bin/find-jdk"));
    Path none = Files.writeString(copy.resolve("bin/find-jdk"), "#!/bin/sh\nexit 1\n");
    assertTrue(none.toFile().setExecutable(true));
    Command.Result result = version(copy);
    assertEquals(3, result.status());
    assertTrue(result.err().contains("no JDK 25"), result::err);
  }

  @Test
  void whatWasNeverBuiltSaysHowToBuildIt() throws Exception {
    Path bin = Files.createDirectories(directory.resolve("fresh/bin"));
    Path launcher = Files.copy(Repository.root().resolve("bin/jvmm"), bin.resolve("jvmm"));
    Command.Result result = Command.of(directory, launcher.toString(), "--version").run();
    assertEquals(3, result.status());
    assertEquals(1, result.errLines().size(), result::err);
    assertTrue(result.err().contains("not built"), result::err);
  }

  private Command.Result version(Path tree) throws Exception {
    return Command.of(directory, tree.resolve("bin/jvmm").toString(), "--version").run();
  }

  /** A tree with the jars and the launcher of this one, but no runtime. */
  private Path treeWithoutRuntime() throws Exception {
    Path tree = directory.resolve("tree");
    for (String name : List.of("bin/jvmm", "bin/find-jdk", "vmm/src/runtime/jvm-options")) {
      copy(Repository.root().resolve(name), tree.resolve(name));
    }
    for (String room : Repository.ROOMS) {
      Path jar = Repository.jar(room);
      copy(jar, tree.resolve(room).resolve("target").resolve(jar.getFileName()));
    }
    for (Path jar : Repository.libraries()) {
      copy(jar, tree.resolve("vmm/target/libraries").resolve(jar.getFileName()));
    }
    return tree;
  }

  private static void copy(Path from, Path to) throws Exception {
    Files.createDirectories(to.getParent());
    Files.copy(from, to, StandardCopyOption.COPY_ATTRIBUTES);
  }
}
