package io.jvmm.host.file;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;

/** A block device over a file; a test that asks for one is skipped where only root gets it. */
final class LoopDevice implements AutoCloseable {
  private final String path;

  private LoopDevice(String path) {
    this.path = path;
  }

  static LoopDevice over(Path image) throws IOException, InterruptedException {
    Process losetup;
    try {
      losetup =
          new ProcessBuilder("losetup", "--find", "--show", image.toString())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
    } catch (IOException e) {
      assumeTrue(false, "no losetup: " + e.getMessage());
      throw e;
    }
    String path = new String(losetup.getInputStream().readAllBytes(), UTF_8).strip();
    assumeTrue(losetup.waitFor() == 0, "no loop device for us");
    return new LoopDevice(path);
  }

  String path() {
    return path;
  }

  @Override
  public void close() throws IOException {
    new ProcessBuilder("losetup", "--detach", path).inheritIO().start().onExit().join();
  }
}
