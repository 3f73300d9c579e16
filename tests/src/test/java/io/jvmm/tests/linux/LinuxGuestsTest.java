package io.jvmm.tests.linux;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.jvmm.tests.Repository;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Scripts that boot Linux and print TAP, each of their results one of JUnit's. The property {@code
 * jvmm.linux} is {@code off} (all are skipped), {@code on} (skipped where there is no place to run
 * them) or {@code required} (failed there).
 */
class LinuxGuestsTest {
  private static final int SOME_FAILED = 1;
  private static final int NO_PLACE = 77;
  private static final String OFF = "bin/test runs them, or mvn verify -Djvmm.linux=on";

  private final String wanted = System.getProperty("jvmm.linux", "off");

  /** In jvmm, on this KVM or in the emulated host. */
  @TestFactory
  List<DynamicTest> linuxGuests() throws Exception {
    String out = Repository.root().resolve("tests/target/linux-guests").toString();
    return results("tests/linux/run", "--out", out);
  }

  /** The bench itself: what its page says is so. */
  @TestFactory
  List<DynamicTest> emulatedHost() throws Exception {
    return results("tests/kvm-host/check", "--quick");
  }

  private List<DynamicTest> results(String script, String... arguments) throws Exception {
    if (wanted.equals("off")) {
      return List.of(DynamicTest.dynamicTest(script, () -> Assumptions.abort(OFF)));
    }
    List<String> command = new ArrayList<>();
    command.add(Repository.root().resolve(script).toString());
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    process.getOutputStream().close();
    List<Tap.Result> results = Tap.parse(show(process));
    int status = process.waitFor();

    List<DynamicTest> tests = new ArrayList<>();
    for (Tap.Result result : results) {
      tests.add(DynamicTest.dynamicTest(result.text(), () -> check(result)));
    }
    boolean told =
        status == 0 || (status == SOME_FAILED && results.stream().anyMatch(r -> !r.passed()));
    if (!told || results.isEmpty()) {
      tests.add(DynamicTest.dynamicTest(script, () -> ended(script, status)));
    }
    return tests;
  }

  /** Its lines, which are printed as they come: they are all that is seen for minutes. */
  private static List<String> show(Process process) throws IOException {
    List<String> lines = new ArrayList<>();
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      String line;
      while ((line = reader.readLine()) != null) {
        System.out.println(line);
        lines.add(line);
      }
    }
    return lines;
  }

  private static void check(Tap.Result result) {
    Assumptions.assumeTrue(result.skipped().isEmpty(), result.skipped());
    assertTrue(result.passed(), () -> String.join("\n", result.comments()));
  }

  private void ended(String script, int status) {
    if (status == NO_PLACE && wanted.equals("on")) {
      Assumptions.abort("there is no place to run Linux guests: " + script + " says why");
    }
    fail(script + " ended with status " + status);
  }
}
