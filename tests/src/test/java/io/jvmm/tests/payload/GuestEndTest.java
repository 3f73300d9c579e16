package io.jvmm.tests.payload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.tests.Command;
import io.jvmm.tests.Layer;
import io.jvmm.tests.Repository;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every way a guest can end, as the caller of the command sees it. */
class GuestEndTest {
  @TempDir Path directory;

  @BeforeEach
  void needsKvm() {
    Layer.needsKvm();
  }

  @Test
  void aGuestThatTurnsItselfOffEndsWithZero() throws Exception {
    Command.Result result = run("hello");
    assertEquals(0, result.status(), result::err);
    assertTrue(result.out().startsWith("hello"), result::out);
    assertEquals("", result.err());
  }

  @Test
  void aGuestThatResetsItselfEndsWithZero() throws Exception {
    Command.Result result = run("reset");
    assertEquals(0, result.status(), result::err);
    assertEquals("resetting", result.out().strip());
  }

  @Test
  void aGuestThatPanicsEndsWithOne() throws Exception {
    Command.Result result = run("panic");
    assertEquals(1, result.status(), result::err);
    assertEquals("panicking", result.out().strip());
  }

  @Test
  void aTripleFaultEndsWithOneAndSaysWhere() throws Exception {
    Command.Result result = run("triple-fault");
    assertEquals(1, result.status(), result::err);
    assertEquals("faulting", result.out().strip());
    assertTrue(result.err().contains("triple fault"), result::err);
    assertFalse(result.err().contains("\tat "), result::err);
  }

  @Test
  void anInternalErrorOfKvmEndsWithFourAndTheWholeReport() throws Exception {
    Command.Result result = run("internal-error");
    assertEquals(4, result.status(), result::err);
    assertEquals("jumping out of memory", result.out().strip());
    assertTrue(result.err().contains("KVM_EXIT_INTERNAL_ERROR"), result::err);
    assertTrue(result.err().contains("suberror 1"), result::err);
    assertTrue(result.err().contains("rip 0xe0000000"), result::err);
    assertTrue(result.err().contains("cr3"), result::err);
    assertFalse(result.err().contains("\tat "), result::err);
  }

  @Test
  void aKernelEnteredByPvhRuns() throws Exception {
    Command.Result result = run("hello-pvh");
    assertEquals(0, result.status(), result::err);
    assertTrue(result.out().contains("entered by PVH"), result::out);
  }

  @Test
  void aBzImageRunsWithItsInitrdAndItsCommandLine() throws Exception {
    Path initrd = java.nio.file.Files.writeString(directory.resolve("initrd"), "0123456789");
    Command.Result result =
        run("hello.bzImage", "--initrd", initrd.toString(), "--cmdline-only", "one two");
    assertEquals(0, result.status(), result::err);
    assertTrue(result.out().contains("command line: one two"), result::out);
    assertTrue(result.out().contains("initrd of 10 bytes: 0123456789"), result::out);
  }

  @Test
  void whatIsAddedToTheCommandLineFollowsTheDefaults() throws Exception {
    Command.Result result = run("hello", "--cmdline", "added=1");
    assertTrue(
        result.out().lines().anyMatch(l -> l.matches("command line: .*console=ttyS0.* added=1")),
        result::out);
  }

  @Test
  void memoryOnBothSidesOfTheHoleAndThirtyTwoCpusAreGiven() throws Exception {
    Command.Result result = run("hello", "--mem", "6G", "--cpus", "32");
    assertEquals(0, result.status(), result::err);
  }

  private Command.Result run(String payload, String... options) throws Exception {
    String[] arguments = new String[options.length + 2];
    arguments[0] = "--kernel";
    arguments[1] = Repository.payload(payload);
    System.arraycopy(options, 0, arguments, 2, options.length);
    return Command.jvmm(directory, arguments).run();
  }
}
