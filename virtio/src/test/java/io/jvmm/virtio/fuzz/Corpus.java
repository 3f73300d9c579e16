package io.jvmm.virtio.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The kept inputs of a fuzz target, {@code tests/fuzz/corpus/TARGET/}: a test goes through all. */
public final class Corpus {
  private static final int RANDOM_INPUTS = 300;
  private static final int RANDOM_LENGTH = 512;

  private Corpus() {}

  /**
   * Feeds the target each kept input, and some noise that is the same in every run.
   *
   * @param name the target's class without {@code FuzzTest}
   * @throws AssertionError naming the file where the target throws
   */
  public static void replay(String name, Consumer<byte[]> target) throws IOException {
    for (Path file : files(name)) {
      feed(target, Files.readAllBytes(file), file.toString());
    }
    Random random = new Random(name.hashCode());
    for (int i = 0; i < RANDOM_INPUTS; i++) {
      byte[] noise = new byte[random.nextInt(RANDOM_LENGTH)];
      random.nextBytes(noise);
      feed(target, noise, "noise " + i);
    }
  }

  private static void feed(Consumer<byte[]> target, byte[] input, String what) {
    try {
      target.accept(input);
    } catch (RuntimeException | Error e) {
      throw new AssertionError("fuzz input " + what + ": " + e, e);
    }
  }

  private static List<Path> files(String name) throws IOException {
    // Surefire runs in the module's folder, the fuzzer in the tree's.
    Path tree = Path.of("").toAbsolutePath();
    while (tree != null && !Files.isDirectory(tree.resolve("tests/fuzz/corpus"))) {
      tree = tree.getParent();
    }
    if (tree == null) {
      throw new IOException("there is no tests/fuzz/corpus above " + Path.of("").toAbsolutePath());
    }
    Path folder = tree.resolve("tests/fuzz/corpus").resolve(name);
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }
}
