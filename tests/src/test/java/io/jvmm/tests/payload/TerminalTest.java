package io.jvmm.tests.payload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.tests.Command;
import io.jvmm.tests.Layer;
import io.jvmm.tests.Repository;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The user's terminal, made by {@code script(1)}, while a guest runs and afterwards. */
class TerminalTest {
  private static final Path SCRIPT = Path.of("/usr/bin/script");

  @TempDir Path directory;

  @BeforeEach
  void needsKvmAndScript() {
    Layer.needsKvm();
    Assumptions.assumeTrue(Files.isExecutable(SCRIPT), "no " + SCRIPT);
  }

  @Test
  void ctrlCIsTheGuestsAndTheEscapeEndsTheMachine() throws Exception {
    Command.Running shell = onTerminal();
    OutputStream keys = shell.process().getOutputStream();
    keys.write("\u0003\u0003\u0001x".getBytes(StandardCharsets.US_ASCII));
    keys.flush();
    assertEquals(0, shell.end().status());
    assertEquals("status 0", Files.readString(directory.resolve("status")).strip());
    assertTerminalIsAsBefore();
  }

  @Test
  void aMachineThatIsAskedToStopGivesTheTerminalBackAtOnce() throws Exception {
    Command.Running shell = onTerminal();
    String pid = Files.readString(directory.resolve("pid")).strip();
    ProcessHandle jvmm = ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
    jvmm.destroy();
    SignalTest.awaitDefaultAction(jvmm);
    jvmm.destroy();
    shell.end();
    assertEquals("status 143", Files.readString(directory.resolve("status")).strip());
    assertTerminalIsAsBefore();
  }

  private void assertTerminalIsAsBefore() throws Exception {
    String before = Files.readString(directory.resolve("before"));
    assertTrue(before.contains(" icanon"), before);
    assertTrue(Files.readString(directory.resolve("during")).contains(" -icanon"));
    assertEquals(before, Files.readString(directory.resolve("after")));
  }

  /** Starts a looping guest on a new terminal, and waits until the terminal is raw. */
  private Command.Running onTerminal() throws Exception {
    Path program = directory.resolve("program");
    Files.writeString(
        program,
        String.join(
            "\n",
            "cd '" + directory + "'",
            "stty -a > before",
            "(until stty -a < /dev/tty > during.new && grep -q -- ' -icanon' during.new; do :;"
                + " done",
            " mv during.new during; echo 'it is raw') &",
            "sh -c 'echo $$ > pid; exec \"$@\"' sh '"
                + Repository.root().resolve("bin/jvmm")
                + "' --kernel '"
                + Repository.payload("loop")
                + "'",
            "echo status $? > status",
            "stty -a > after"));
    Command.Running shell =
        Command.of(directory, SCRIPT.toString(), "-qec", "sh '" + program + "'", "/dev/null")
            .start();
    shell.awaitOutput("it is raw");
    shell.awaitOutput("looping");
    return shell;
  }
}
