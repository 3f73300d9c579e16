package io.jvmm.tests.payload;

import io.jvmm.tests.Command;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Assumptions;

/** Runs jvmm without root's power to open everything. */
final class OrdinaryUser {
  private static final String NOBODY = "65534";

  private OrdinaryUser() {}

  /** As it is for an ordinary user; as nobody for root, who must have let nobody in to the tree. */
  static Command.Result run(Path directory, String... arguments) throws Exception {
    Command command = Command.jvmm(directory, arguments);
    if (!isRoot()) {
      return command.run();
    }
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    Command.Result help = Command.jvmm(directory, "--version").under(asNobody()).run();
    Assumptions.assumeTrue(
        help.status() == 0, "an ordinary user cannot run this tree's bin/jvmm: " + help.err());
    return command.under(asNobody()).run();
  }

  static boolean isRoot() {
    return System.getProperty("user.name").equals("root");
  }

  private static String[] asNobody() {
    return new String[] {
      "setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups", "--bounding-set=-all"
    };
  }
}
