package io.jvmm.virtio.jvm;

import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Runs a main class of the tests in a JVM with the options that jvmm ships, {@code
 * vmm/src/runtime/jvm-options}: what is allocated depends on how the compilers are set.
 */
public final class ShippedJvm {
  private static final int HANG_MINUTES = 5;

  private ShippedJvm() {}

  /**
   * Runs it to its end.
   *
   * @param more options after the shipped ones
   * @return what it printed, without the white space around
   * @throws AssertionError where it fails
   */
  public static String run(Class<?> main, List<String> more, String... arguments)
      throws IOException, InterruptedException {
    return run(List.of(), main, more, arguments);
  }

  /**
   * The same, started by another program, which gives it another place: a network of its own.
   *
   * @param starter program and arguments, before those of Java
   */
  public static String runBy(List<String> starter, Class<?> main)
      throws IOException, InterruptedException {
    return run(starter, main, List.of());
  }

  private static String run(
      List<String> starter, Class<?> main, List<String> more, String... arguments)
      throws IOException, InterruptedException {
    Path output = Files.createTempFile("jvmm-shipped-jvm", ".out");
    try {
      List<String> command = new ArrayList<>(starter);
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(options());
      command.addAll(more);
      command.add("--enable-native-access=ALL-UNNAMED"); // on the class path there are no rooms
      command.add("-cp");
      command.add(classPath(main));
      command.add(main.getName());
      command.addAll(List.of(arguments));
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      if (!process.waitFor(HANG_MINUTES, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        throw new AssertionError("hangs: " + command);
      }
      String printed = Files.readString(output, StandardCharsets.UTF_8).strip();
      if (process.exitValue() != 0) {
        throw new AssertionError(process.exitValue() + " of " + command + "\n" + printed);
      }
      return printed;
    } finally {
      Files.delete(output);
    }
  }

  /** The shipped ones but for those that name a room. */
  private static List<String> options() throws IOException {
    Path tree = Path.of("").toAbsolutePath();
    while (tree != null && !Files.exists(tree.resolve("vmm/src/runtime/jvm-options"))) {
      tree = tree.getParent();
    }
    if (tree == null) {
      throw new IOException("there is no vmm/src/runtime/jvm-options above the working directory");
    }
    List<String> options = new ArrayList<>();
    for (String line : Files.readAllLines(tree.resolve("vmm/src/runtime/jvm-options"))) {
      if (line.startsWith("-") && !line.contains("native-access")) {
        options.add(line);
      }
    }
    return options;
  }

  /** All that this JVM runs with, modules and tests alike. */
  private static String classPath(Class<?> main) {
    List<String> parts = new ArrayList<>();
    parts.add(testClasses(main));
    for (String property :
        List.of("surefire.test.class.path", "jdk.module.path", "java.class.path")) {
      String value = System.getProperty(property);
      if (value != null && !value.isEmpty()) {
        parts.add(value);
      }
    }
    return String.join(System.getProperty("path.separator"), parts);
  }

  /** The folder of the class, which Surefire patches into a module and tells nobody of. */
  private static String testClasses(Class<?> main) {
    URL file = main.getResource(main.getSimpleName() + ".class");
    if (file == null) {
      throw new AssertionError("where is " + main + "?");
    }
    Path path = Path.of(URI.create(file.toString()));
    for (long depth = main.getName().chars().filter(c -> c == '.').count(); depth >= 0; depth--) {
      path = path.resolve("..").normalize(); // its parent
    }
    return path.toString();
  }
}
