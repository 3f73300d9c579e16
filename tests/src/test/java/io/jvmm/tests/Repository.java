package io.jvmm.tests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Where things lie in the project's tree. */
public final class Repository {
  /** The rooms, from the ground up (docs/ARCHITECTURE.md): each may use those before it. */
  public static final List<String> ROOMS =
      List.of("host", "memory", "virtio", "devices", "boot", "vmm");

  private Repository() {}

  /** The project's folder. */
  public static Path root() {
    String root = System.getProperty("jvmm.root");
    if (root == null) {
      throw new IllegalStateException("-Djvmm.root is not set: run the tests through Maven");
    }
    return Path.of(root);
  }

  /** A payload guest (tests/payload), built. */
  public static String payload(String name) {
    return root().resolve("tests/target/payload").resolve(name).toString();
  }

  /** The runtime that bin/jvmm runs. */
  public static Path runtime() {
    return root().resolve("vmm/target/runtime/current");
  }

  /** The libraries that the rooms use, made modules of. */
  public static List<Path> libraries() {
    return jars(root().resolve("vmm/target/libraries"), "*.jar");
  }

  /** The jar of a room, without its tests. */
  public static Path jar(String room) {
    Path target = root().resolve(room).resolve("target");
    List<Path> jars = jars(target, "jvmm-" + room + "-*.jar");
    jars.removeIf(jar -> jar.toString().endsWith("-tests.jar"));
    if (jars.size() != 1) {
      throw new IllegalStateException("one jar of " + room + " in " + target + ", not " + jars);
    }
    return jars.getFirst();
  }

  private static List<Path> jars(Path folder, String glob) {
    List<Path> jars = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, glob)) {
      found.forEach(jars::add);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return jars;
  }
}
