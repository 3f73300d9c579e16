package io.jvmm.vmm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jvmm.vmm.kvm.Kvm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The example in {@code docs/} is what a stranger copies: it compiles without a warning and does
 * what it says.
 */
class LibraryExampleTest {
  private static final Path EXAMPLE = Path.of("..", "docs", "BootLinux.java");

  @TempDir Path directory = Path.of("");

  @Test
  void theExampleCompilesAndBootsAMachine() throws Exception {
    Assumptions.assumeTrue(Files.isWritable(Path.of(Kvm.DEVICE)), "no writable " + Kvm.DEVICE);
    Path kernel =
        new PayloadKernel().out(0x5F0, 1).print("hi\n").powerOff().in(directory, "kernel");
    String modulePath = System.getProperty("jdk.module.path");

    assertEquals(
        "",
        run(
            "javac",
            "-Xlint:all",
            "-Werror",
            "-d",
            directory.toString(),
            "--module-path",
            modulePath,
            "--add-modules",
            "io.jvmm.vmm",
            EXAMPLE.toString()));
    assertEquals(
        "hi\nmilestone 1\nPOWERED_OFF\n".lines().sorted().toList(),
        run(
                "java",
                "--module-path",
                modulePath,
                "--add-modules",
                "io.jvmm.vmm",
                "--enable-native-access=io.jvmm.host",
                "-cp",
                directory.toString(),
                "BootLinux",
                kernel.toString())
            .lines()
            .sorted() // two streams in one
            .toList());
  }

  private String run(String tool, String... arguments) throws IOException, InterruptedException {
    List<String> command =
        new java.util.ArrayList<>(
            List.of(Path.of(System.getProperty("java.home"), "bin", tool).toString()));
    command.addAll(List.of(arguments));
    Path output = directory.resolve(tool + ".out");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    int status = process.waitFor();
    String text = Files.readString(output, StandardCharsets.UTF_8);
    assertEquals(0, status, text);
    return text;
  }
}
