package io.jvmm.devices.block;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A block device over a file; a test that asks for one is skipped where only root gets it. */
final class LoopDevice implements AutoCloseable {
  private final String path;

  private LoopDevice(String path) {
    this.path = path;
  }

  /**
   * @param sectorSize bytes
   */
  static LoopDevice over(Path image, int sectorSize) {
    String path = losetup("--find", "--show", "--sector-size", "" + sectorSize, image.toString());
    assumeTrue(path.startsWith("/dev/"), "only root gets a loop device");
    return new LoopDevice(path);
  }

  String path() {
    return path;
  }

  /** Its answer, or nothing where it fails or is not there. */
  private static String losetup(String... arguments) {
    List<String> command = new ArrayList<>(List.of("losetup"));
    command.addAll(List.of(arguments));
    try {
      Process losetup = new ProcessBuilder(command).redirectErrorStream(true).start();
      String answer = new String(losetup.getInputStream().readAllBytes(), UTF_8).strip();
      return losetup.onExit().join().exitValue() == 0 ? answer : "";
    } catch (IOException e) {
      return "";
    }
  }

  @Override
  public void close() {
    losetup("--detach", path);
  }
}
