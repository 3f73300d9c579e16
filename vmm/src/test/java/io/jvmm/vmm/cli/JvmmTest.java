package io.jvmm.vmm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command as far as it goes without a guest. */
class JvmmTest {
  private record Answer(int status, String out, String err) {}

  private static Answer jvmm(String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int status =
        Jvmm.run(
            arguments, new PrintStream(out, true), new PrintStream(err, true), System.nanoTime());
    return new Answer(
        status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  @Test
  void withoutArgumentsItShowsUsage() {
    assertEquals(new Answer(2, "", Help.usage()), jvmm());
  }

  @Test
  void helpGoesToTheOutput() {
    assertEquals(new Answer(0, Help.text(), ""), jvmm("--help"));
    assertEquals(new Answer(0, Help.text(), ""), jvmm("-h"));
  }

  @Test
  void helpIsShownWhateverElseIsAsked() {
    assertEquals(0, jvmm("--kernel", "/none", "--cpus=0", "--help").status());
  }

  @Test
  void theVersionIsOneLine() {
    Answer answer = jvmm("--version");
    assertEquals(0, answer.status());
    assertTrue(answer.out().matches("jvmm \\S+\n"), answer.out());
  }

  @Test
  void whatIsWrongIsOneLineAndStatusTwo() {
    assertEquals(
        new Answer(2, "", "jvmm: unknown option --krenel; did you mean --kernel?\n"),
        jvmm("--krenel"));
    assertEquals(
        new Answer(2, "", "jvmm: cpus: 0 is not between 1 and 32\n"),
        jvmm("--kernel", "/none", "--cpus", "0"));
    assertEquals(
        new Answer(2, "", "jvmm: kernel /none: cannot be opened: no such file\n"),
        jvmm("--kernel", "/none", "--console", "none"));
  }

  @Test
  void disksAreLookedAtBeforeAnythingIsMade() {
    assertEquals(
        new Answer(2, "", "jvmm: cannot open /none/disk: no such file\n"),
        jvmm("--kernel", "/none", "--disk", "/none/disk", "--console", "none"));
  }

  @Test
  void aConfigurationFileIsRead(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("vm.json"), "{\"cpus\": 99, \"kernel\": \"k\"}");
    assertEquals(
        new Answer(2, "", "jvmm: cpus: 99 is not between 1 and 32\n"),
        jvmm("--config", file.toString()));
    assertEquals(
        new Answer(2, "", "jvmm: --config /none: no such file\n"), jvmm("--config", "/none"));
  }

  @Test
  void aPictureThatCannotBeWrittenIsRefusedBeforeTheBoot() {
    assertEquals(
        new Answer(2, "", "jvmm: cannot open /none/boot.svg: no such file\n"),
        jvmm("--kernel", "/none", "--timeline", "/none/boot.svg"));
  }

  @Test
  void theFormOfStatisticsIsChecked() {
    assertEquals(
        new Answer(2, "", "jvmm: --stats: 'xml' is not a form; there is json\n"),
        jvmm("--kernel", "/none", "--stats=xml"));
  }

  @Test
  void theDoctorKnowsItsArguments() {
    assertEquals(2, jvmm("doctor", "--frob").status());
    assertEquals(0, jvmm("doctor", "--help").status());
    Answer quiet = jvmm("doctor", "--can-boot-linux");
    assertEquals("", quiet.out() + quiet.err());
    assertTrue(quiet.status() == 0 || quiet.status() == 3);
  }

  @Test
  void theDoctorTellsAllAndAgreesWithItsShortAnswer() {
    Answer answer = jvmm("doctor");
    assertEquals(jvmm("doctor", "--can-boot-linux").status(), answer.status());
    assertTrue(
        answer
            .out()
            .endsWith(
                answer.status() == 0
                    ? "jvmm can boot Linux here.\n"
                    : "jvmm cannot boot Linux here.\n"));
    for (String subject : new String[] {"kvm", "memory", "files", "tap", "io_uring", "cgroups"}) {
      assertTrue(answer.out().contains(" " + subject + " "), subject);
    }
  }
}
