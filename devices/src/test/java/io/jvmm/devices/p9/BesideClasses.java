package io.jvmm.devices.p9;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDirFactory;

/**
 * Temporary folders in the build's own, which is on a disk: a tmpfs has no extended attributes of
 * users before Linux 6.6.
 */
final class BesideClasses implements TempDirFactory {
  BesideClasses() {}

  @Override
  public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext context)
      throws Exception {
    return Files.createTempDirectory(Files.createDirectories(Path.of("target")), "shared-");
  }
}
