package io.jvmm.devices.block.qcow2;

import io.jvmm.devices.block.DiskException;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Opens an image and what it builds upon. An image's content comes from whoever had it before, a
 * guest for instance, which could name any file of the host there. So a backing file is opened only
 * where the caller has allowed it, and read in the format that the image tells, never in one that
 * the file's own content suggests.
 */
final class ImageChain {
  /** More than anybody has; each image has tables in memory. */
  private static final int BACKING_FILES_MAX = 16;

  private final @Nullable String allowed;
  private final List<HostFile> files = new ArrayList<>();

  /**
   * @param allowed where backing files may be: a file, or a folder above them; null: nowhere
   */
  ImageChain(@Nullable String allowed) {
    this.allowed = allowed;
  }

  /** As {@link Qcow2Image#open}. */
  Qcow2Image open(String path, boolean readOnly) {
    HostFile file = HostFile.open(path, readOnly);
    Layer backing = null;
    try {
      Qcow2Header header = Qcow2Image.readHeader(file);
      backing = backing(path, file, header);
      return Qcow2Image.of(file, header, backing, readOnly);
    } catch (RuntimeException e) {
      close(file, backing);
      throw e;
    }
  }

  private static void close(HostFile file, @Nullable Layer backing) {
    if (backing != null) {
      backing.close();
    }
    file.close();
  }

  private @Nullable Layer backing(String path, HostFile file, Qcow2Header header) {
    files.add(file);
    String name = header.backing();
    if (name == null) {
      return null;
    }
    if (allowed == null) {
      throw new DiskException(
          path,
          "builds upon '"
              + name
              + "', which an image alone cannot ask for;"
              + " backing=PATH allows that file, or all files below a folder");
    }
    if (files.size() > BACKING_FILES_MAX) {
      throw new DiskException(path, "is the end of more than 16 backing files");
    }
    boolean isRaw = isRaw(path, header.backingFormat());
    String target = resolve(path, name, allowed);
    for (HostFile other : files) {
      if (other.isAt(target)) {
        throw new DiskException(path, "builds upon itself, by way of '" + name + "'");
      }
    }
    HostFile below = HostFile.open(target, true);
    if (isRaw) {
      return new RawLayer(below);
    }
    Layer backing = null;
    try {
      Qcow2Header belowHeader = Qcow2Image.readHeader(below);
      backing = backing(target, below, belowHeader);
      return Qcow2Image.backing(below, belowHeader, backing);
    } catch (RuntimeException e) {
      close(below, backing);
      throw e;
    }
  }

  private static boolean isRaw(String path, @Nullable String format) {
    if (format == null) {
      throw new DiskException(
          path,
          "does not tell the format of its backing file;"
              + " qemu-img rebase -u -b FILE -F raw|qcow2 writes it down");
    }
    return switch (format) {
      case "raw" -> true;
      case "qcow2" -> false;
      default ->
          throw new DiskException(
              path, "has a backing file of format '" + format + "'; raw and qcow2 can be used");
    };
  }

  /** The real path of a backing file, which is relative to the image's folder. */
  private static String resolve(String image, String name, String allowed) {
    Path target;
    Path root;
    try {
      String plain = name.startsWith("file:") ? name.substring("file:".length()) : name;
      target = Path.of(image).toAbsolutePath().resolveSibling(plain).toRealPath();
    } catch (IOException | InvalidPathException e) {
      throw new DiskException(image, "builds upon '" + name + "', which is not there");
    }
    try {
      root = Path.of(allowed).toRealPath();
    } catch (IOException | InvalidPathException e) {
      throw new DiskException(image, "may build upon '" + allowed + "', which is not there");
    }
    if (!target.startsWith(root)) {
      throw new DiskException(
          image,
          "builds upon '"
              + target
              + "', which is not what backing="
              + allowed
              + " allows: that file, or those below that folder");
    }
    return target.toString();
  }
}
