package io.jvmm.tests.tidy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.jvmm.tests.Command;
import io.jvmm.tests.Repository;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Small rules of text. The patterns are put together so that this file does not break them. */
class TidyTest {
  private static final Pattern OPEN_END = Pattern.compile("\\b(TO" + "DO|FIX" + "ME|X" + "XX)\\b");
  private static final Pattern WITH_ISSUE =
      Pattern.compile("\\b(TO" + "DO|FIX" + "ME)\\((#|issue )\\d+\\)");
  private static final Pattern SLEEP =
      Pattern.compile("Thread\\.sl" + "eep|TimeUnit\\.\\w+\\.sl" + "eep");
  private static final Pattern MACHINE_PATH = Pattern.compile("/(wo" + "rk|ho" + "me/\\w+)/\\w");
  private static final Pattern VAGUE_NAME =
      Pattern.compile("(Util|Utils|Helper|Helpers|Manager|Impl)\\.java$");

  @TempDir Path directory;

  @Test
  void anOpenEndNamesItsIssue() throws Exception {
    assertNone(
        "an open end needs the number of an issue",
        line -> OPEN_END.matcher(line).find() && !WITH_ISSUE.matcher(line).find(),
        sources(".java", ".c", ".h", ".S", ".sh", ".xml"));
  }

  @Test
  void noTestSleeps() throws Exception {
    List<Path> tests =
        sources(".java").stream().filter(p -> p.toString().contains("/src/test/")).toList();
    assertFalse(tests.isEmpty());
    assertNone("a test waits for an event, never for a time", SLEEP.asPredicate()::test, tests);
  }

  @Test
  void noFileKnowsOneMachine() throws Exception {
    assertNone("a path of one machine", MACHINE_PATH.asPredicate()::test, sources(""));
  }

  @Test
  void classesHaveTheNamesOfTheField() throws Exception {
    List<Path> vague =
        sources(".java").stream().filter(p -> VAGUE_NAME.matcher(p.toString()).find()).toList();
    assertEquals(List.of(), vague);
  }

  private interface Rule {
    boolean isBroken(String line);
  }

  private static void assertNone(String what, Rule rule, List<Path> files) throws IOException {
    List<String> broken = new ArrayList<>();
    for (Path file : files) {
      int number = 0;
      for (String line : text(file).lines().toList()) {
        number++;
        if (rule.isBroken(line)) {
          broken.add(what + ": " + file + ":" + number + ": " + line.strip());
        }
      }
    }
    assertEquals(List.of(), broken);
  }

  /** Binary files have no lines worth reading: they come out as something that matches nothing. */
  private static String text(Path file) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
  }

  /** The files of the tree that end so; what the build makes is not among them. */
  private List<Path> sources(String... endings) throws Exception {
    Command.Result git =
        Command.of(
                directory,
                "git",
                "-c",
                "safe.directory=*",
                "-C",
                Repository.root().toString(),
                "ls-files",
                "--cached",
                "--others",
                "--exclude-standard")
            .run();
    assertEquals(0, git.status(), git::err);
    List<Path> files = new ArrayList<>();
    for (String name : git.out().lines().toList()) {
      for (String ending : endings) {
        Path file = Repository.root().resolve(name);
        if (name.endsWith(ending) && Files.isRegularFile(file)) {
          files.add(file);
          break;
        }
      }
    }
    return files;
  }
}
