package io.jvmm.devices.block.qcow2;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** QEMU's own tools for images, which know best what an image should be. */
final class QemuImg {
  /** What {@code qemu-img check} answers where clusters have leaked, and nothing else is wrong. */
  private static final int LEAKS = 3;

  private QemuImg() {}

  static void assume() {
    boolean isThere = false;
    for (String folder : System.getenv("PATH").split(":", -1)) {
      isThere |= Files.isExecutable(Path.of(folder, "qemu-img"));
    }
    assumeTrue(isThere, "there is no qemu-img (Debian's package qemu-utils)");
  }

  /** Runs {@code qemu-img}, which must succeed. */
  static void run(Object... arguments) {
    Result result = execute("qemu-img", arguments);
    assertEquals(0, result.status, result.text);
  }

  /** Writes, discards and so on: each command as {@code qemu-io} knows it. */
  static void io(Path image, String... commands) {
    List<Object> arguments = new ArrayList<>();
    for (String command : commands) {
      arguments.add("-c");
      arguments.add(command);
    }
    arguments.add("-f");
    arguments.add("qcow2");
    arguments.add(image);
    Result result = execute("qemu-io", arguments.toArray());
    assertEquals(0, result.status, result.text);
  }

  /** There is nothing wrong with an image. */
  static void check(Path image) {
    run("check", "-q", "-f", "qcow2", image);
  }

  /** There is nothing wrong with an image but clusters that nobody refers to. */
  static void checkButForLeaks(Path image, String when) {
    Result result = execute("qemu-img", "check", "-q", "-f", "qcow2", image);
    assertTrue(result.status == 0 || result.status == LEAKS, when + ": " + result.text);
  }

  /** All of the disk in an image. */
  static byte[] content(Path image) throws IOException {
    Path raw = Files.createTempFile(image.getParent(), "content", ".raw");
    run("convert", "-f", "qcow2", "-O", "raw", image, raw);
    byte[] content = Files.readAllBytes(raw);
    Files.delete(raw);
    return content;
  }

  private record Result(int status, String text) {}

  private static Result execute(String program, Object... arguments) {
    List<String> command = new ArrayList<>(List.of(program));
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String text = new String(process.getInputStream().readAllBytes(), UTF_8);
      return new Result(process.waitFor(), String.join(" ", command) + ": " + text);
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
