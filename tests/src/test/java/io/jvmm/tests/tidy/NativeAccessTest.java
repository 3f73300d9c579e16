package io.jvmm.tests.tidy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jvmm.tests.Command;
import io.jvmm.tests.Repository;
import java.io.File;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The fence: one room calls native code. */
class NativeAccessTest {
  @Test
  void restrictedMethodsAreCalledInHostAlone(@TempDir Path directory) throws Exception {
    String jars =
        Stream.concat(
                Repository.ROOMS.stream().map(Repository::jar), Repository.libraries().stream())
            .map(Path::toString)
            .collect(Collectors.joining(File.pathSeparator));
    Command.Result result =
        Command.of(
                directory,
                Path.of(System.getProperty("java.home"), "bin", "jnativescan").toString(),
                "--print-native-access",
                "--module-path",
                jars,
                "--add-modules",
                "io.jvmm.vmm")
            .run();
    assertEquals("io.jvmm.host", result.out().strip(), result::err);
  }
}
