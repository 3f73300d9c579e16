package io.jvmm.tests.payload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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

/** {@code --control} and {@code jvmm control}, with a guest that never leaves the CPU. */
class ControlTest {
  @TempDir Path directory;

  @BeforeEach
  void needsKvm() {
    Layer.needsKvm();
  }

  private Path socket() {
    return directory.resolve("vm.sock");
  }

  private Command.Running loop() throws Exception {
    Command.Running jvmm =
        Command.jvmm(
                directory,
                "--kernel",
                Repository.payload("loop"),
                "--name",
                "vm1",
                "--control",
                socket().toString())
            .start();
    jvmm.awaitOutput("looping");
    return jvmm;
  }

  private Command.Result ask(String command) throws Exception {
    return Command.jvmm(directory, "control", socket().toString(), command).run();
  }

  private void assertAnswers(String command, String answer) throws Exception {
    Command.Result result = ask(command);
    assertEquals(0, result.status(), result::err);
    assertTrue(result.out().contains(answer), result::out);
  }

  @Test
  void aMachineIsAskedPausedResumedAndEnded() throws Exception {
    Command.Running jvmm = loop();
    assertAnswers("status", "\"name\":\"vm1\",\"state\":\"running\",");
    assertAnswers("pause", "{\"state\":\"paused\"}");
    assertAnswers("status", "\"state\":\"paused\"");
    assertAnswers("stats", "\"exits\":[{\"total\":");
    assertAnswers("resume", "{\"state\":\"running\"}");

    Command.Result unknown = ask("halt");
    assertEquals(1, unknown.status());
    assertEquals("", unknown.out());
    assertTrue(unknown.err().startsWith("jvmm: control: there is no command 'halt'"), unknown::err);

    assertAnswers("kill", "{\"state\":\"ended\"}");
    Command.Result result = jvmm.end();
    assertEquals(0, result.status(), result::err);
    assertEquals("", result.err());
    assertFalse(Files.exists(socket()));
    assertEquals(3, ask("status").status());
  }

  @Test
  void aPathIsOneMachinesUntilItEnds() throws Exception {
    Command.Running first = loop();
    Command.Result second =
        Command.jvmm(
                directory, "--kernel", Repository.payload("loop"), "--control", socket().toString())
            .run();
    assertEquals(2, second.status());
    assertEquals(
        "jvmm: --control: " + socket() + ": somebody listens there already\n", second.err());

    first.process().destroyForcibly();
    assertTrue(first.process().waitFor(60, TimeUnit.SECONDS));
    assertTrue(Files.exists(socket()));
    Command.Running third = loop();
    assertAnswers("kill", "{\"state\":\"ended\"}");
    assertEquals(0, third.end().status());
  }
}
