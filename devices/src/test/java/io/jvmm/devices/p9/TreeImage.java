package io.jvmm.devices.p9;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** All that a tree of the host's is, byte for byte and attribute for attribute. */
final class TreeImage {
  private static final List<String> ATTRIBUTES =
      List.of("ino", "mode", "uid", "gid", "nlink", "size", "lastModifiedTime", "ctime");

  private TreeImage() {}

  /** Contents and attributes, but when it was read last: looking changes that. */
  static Map<Path, String> of(Path root) throws IOException {
    Map<Path, String> image = new TreeMap<>();
    for (Path path : paths(root)) {
      image.put(path, attributes(path, ATTRIBUTES) + content(path));
    }
    return image;
  }

  /** Of these paths the attributes alone, with the time of the last access. */
  static Map<Path, String> accesses(List<Path> paths) throws IOException {
    List<String> names = new ArrayList<>(ATTRIBUTES);
    names.add("lastAccessTime");
    Map<Path, String> image = new TreeMap<>();
    for (Path path : paths) {
      image.put(path, attributes(path, names));
    }
    return image;
  }

  static List<Path> paths(Path root) throws IOException {
    try (Stream<Path> all = Files.walk(root)) {
      return all.sorted().toList();
    }
  }

  private static String attributes(Path path, List<String> names) throws IOException {
    Map<String, Object> all =
        Files.readAttributes(path, "unix:" + String.join(",", names), LinkOption.NOFOLLOW_LINKS);
    return new TreeMap<>(all).toString();
  }

  private static String content(Path path) throws IOException {
    if (Files.isSymbolicLink(path)) {
      return " -> " + Files.readSymbolicLink(path);
    }
    return Files.isRegularFile(path) ? " " + Arrays.toString(Files.readAllBytes(path)) : "";
  }

  /** The inode's number. */
  static long inode(Path path) throws IOException {
    return (Long) Files.getAttribute(path, "unix:ino", LinkOption.NOFOLLOW_LINKS);
  }
}
