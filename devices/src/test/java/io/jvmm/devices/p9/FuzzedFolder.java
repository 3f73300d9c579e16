package io.jvmm.devices.p9;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;

/** A shared folder for a fuzzer, begun anew for each input, and beside it what nobody may reach. */
final class FuzzedFolder {
  private static final String SECRET = "IT-WAS-SECRET";

  private final Path above;
  private final Path shared;
  private final Map<Path, String> outside;

  private FuzzedFolder(Path above) throws IOException {
    this.above = above;
    this.shared = Files.createDirectory(above.resolve("shared"));
    Files.createDirectory(above.resolve("beside"));
    Files.writeString(above.resolve("beside/secret"), SECRET);
    Files.writeString(above.resolve("secret"), SECRET);
    this.outside = outside();
  }

  static FuzzedFolder make() throws IOException {
    Path above = Files.createTempDirectory("jvmm-fuzz-9p");
    FuzzedFolder made = new FuzzedFolder(above);
    Runtime.getRuntime().addShutdownHook(new Thread(made::remove));
    return made;
  }

  Path shared() {
    return shared;
  }

  /** With nothing in it. */
  void empty() throws IOException {
    empty(shared);
  }

  /** As every input finds it: a file, a folder with one, links within and out. */
  void fill() throws IOException {
    empty(shared);
    Files.writeString(shared.resolve("file"), "0123456789");
    Files.createDirectory(shared.resolve("dir"));
    Files.writeString(shared.resolve("dir/file"), "inner");
    Files.createSymbolicLink(shared.resolve("link"), Path.of("dir"));
    Files.createSymbolicLink(shared.resolve("out"), above.resolve("secret"));
    Files.createSymbolicLink(shared.resolve("up"), Path.of("../beside"));
  }

  /** That nothing outside has changed. */
  void check() throws IOException {
    if (!outside.equals(outside())) {
      throw new AssertionError("changed: " + outside());
    }
  }

  /** That bytes for the guest say nothing of what lies outside. */
  void checkText(byte[] told) {
    if (new String(told, StandardCharsets.ISO_8859_1).contains(SECRET)) {
      throw new AssertionError("a reply has a secret");
    }
  }

  private Map<Path, String> outside() throws IOException {
    Map<Path, String> image = TreeImage.of(above.resolve("beside"));
    image.putAll(TreeImage.of(above.resolve("secret")));
    return image;
  }

  /** Whatever modes a guest has left behind. */
  private static void empty(Path folder) throws IOException {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      for (Path entry : entries) {
        if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
          empty(entry);
        }
        Files.delete(entry);
      }
    }
  }

  private void remove() {
    try {
      empty(above);
      Files.delete(above);
    } catch (IOException e) {
      System.err.println(e); // what is left lies in the folder for such things
    }
  }
}
