package io.jvmm.tests.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import io.jvmm.tests.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Runs {@code tests/linux/run} once, and reports each of its tests as one of JUnit's. The property
 * {@code jvmm.linux} is {@code off} (all are skipped), {@code on} (skipped where there is no place
 * to run them) or {@code required} (failed there).
 */
class LinuxGuestsTest {
  private static final int PASSED = 0;
  private static final int SKIPPED = 77;

  private final Path runner = Repository.root().resolve("tests/linux/run");
  private final Path out = Repository.root().resolve("tests/target/linux-guests");

  @TestFactory
  List<DynamicTest> linuxGuests() throws Exception {
    String wanted = System.getProperty("jvmm.linux", "off");
    Assumptions.assumeFalse(
        wanted.equals("off"), "Linux guests are run by bin/test, or with -Djvmm.linux=on");
    Process run =
        new ProcessBuilder(runner.toString(), "--out", out.toString()).inheritIO().start();
    if (run.waitFor() == SKIPPED) {
      String reason = "no place to run Linux guests: tests/linux/run says why";
      Assumptions.assumeFalse(wanted.equals("on"), reason);
      fail(reason);
    }
    List<DynamicTest> tests = new ArrayList<>();
    for (String name : names()) {
      tests.add(DynamicTest.dynamicTest(name, () -> assertPassed(name)));
    }
    return tests;
  }

  private List<String> names() throws IOException {
    Process list = new ProcessBuilder(runner.toString(), "--list").start();
    return new String(list.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8)
        .lines()
        .toList();
  }

  private void assertPassed(String name) throws IOException {
    Path result = out.resolve(name + ".result");
    if (!Files.exists(result)) {
      fail("it was not run: the host of all tests ended before it");
    }
    int status = Integer.parseInt(Files.readString(result).split(" ", 2)[0]);
    String log = Files.readString(out.resolve(name + ".log"));
    Assumptions.assumeTrue(status != SKIPPED, () -> log.lines().reduce("", (a, b) -> b));
    assertEquals(PASSED, status, log);
  }
}
