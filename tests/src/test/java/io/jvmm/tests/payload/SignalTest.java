package io.jvmm.tests.payload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.tests.Command;
import io.jvmm.tests.Layer;
import io.jvmm.tests.Repository;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Signals to the process, with a guest that never leaves the CPU and hears nothing. */
class SignalTest {
  private static final int KILLED_BY = 128;
  private static final int SIGTERM = 15;
  private static final int SIGKILL = 9;

  @TempDir Path directory;

  @BeforeEach
  void needsKvm() {
    Layer.needsKvm();
  }

  @Test
  void theFirstTermAsksTheGuestAndTheSecondEndsTheProcess() throws Exception {
    Command.Running jvmm = loop();
    jvmm.process().destroy();
    awaitDefaultAction(jvmm.process().toHandle());
    assertTrue(jvmm.process().isAlive());
    jvmm.process().destroy();
    Command.Result result = jvmm.end();
    assertEquals(KILLED_BY + SIGTERM, result.status(), result::err);
    assertEquals("", result.err());
  }

  @Test
  void aKilledProcessLeavesNothing() throws Exception {
    Command.Running jvmm = loop();
    ProcessHandle handle = jvmm.process().toHandle();
    assertEquals(0, handle.descendants().count());
    jvmm.process().destroyForcibly();
    assertTrue(jvmm.process().waitFor(30, TimeUnit.SECONDS));
    assertEquals(KILLED_BY + SIGKILL, jvmm.process().exitValue());
  }

  private Command.Running loop() throws Exception {
    Command.Running jvmm = Command.jvmm(directory, "--kernel", Repository.payload("loop")).start();
    jvmm.awaitOutput("looping");
    return jvmm;
  }

  /** The first signal has been heard when a second one would have its default action. */
  static void awaitDefaultAction(ProcessHandle process) throws Exception {
    long bit = 1L << (SIGTERM - 1);
    Path status = Path.of("/proc/" + process.pid() + "/status");
    while ((caughtSignals(status) & bit) != 0) {
      assertTrue(process.isAlive(), "it ended at the first signal");
    }
  }

  private static long caughtSignals(Path status) throws Exception {
    for (String line : Files.readAllLines(status)) {
      if (line.startsWith("SigCgt:")) {
        return Long.parseUnsignedLong(line.substring("SigCgt:".length()).strip(), 16);
      }
    }
    throw new AssertionError("no SigCgt in " + status);
  }
}
