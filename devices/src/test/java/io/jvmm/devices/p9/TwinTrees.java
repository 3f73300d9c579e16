package io.jvmm.devices.p9;

import io.jvmm.host.Errno;
import io.jvmm.host.tree.OpenFlags;
import io.jvmm.virtio.fuzz.FuzzInput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/** A folder that a guest works on, and one that Linux does the same to. */
final class TwinTrees {
  private static final int MAX_STEPS = 60;
  private static final int FILES_HELD = 8;
  private static final int OPEN_MAX = 4;
  private static final int KEPT_MAX = 10;
  private static final List<String> PATHS =
      List.of("a", "b", "c", "d", "d/a", "d/b", "d/e", "d/e/a", "b/a", "b/c");
  private static final int[] FLAGS = {
    OpenFlags.O_RDONLY,
    OpenFlags.O_RDWR,
    OpenFlags.O_WRONLY | OpenFlags.O_APPEND,
    OpenFlags.O_RDWR | OpenFlags.O_TRUNC,
    OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY,
    OpenFlags.O_RDWR | OpenFlags.O_CREAT,
    OpenFlags.O_RDWR | OpenFlags.O_CREAT | OpenFlags.O_EXCL,
    OpenFlags.O_RDWR | OpenFlags.O_CREAT | OpenFlags.O_TRUNC | OpenFlags.O_APPEND
  };

  /** A file that both have open, or have walked to. */
  private record Pair(long guest, long host, boolean written) {}

  private final FuzzedFolder guestFolder = FuzzedFolder.make();
  private final FuzzedFolder hostFolder = FuzzedFolder.make();
  private final P9Driver driver = P9Driver.mountHolding(guestFolder.shared(), FILES_HELD);
  private final GuestTree guest = new GuestTree(driver);
  private final HostTree host = new HostTree(hostFolder.shared());
  private final List<Pair> open = new ArrayList<>();
  private final List<Pair> kept = new ArrayList<>();
  private final List<String> done = new ArrayList<>();

  TwinTrees() throws IOException {}

  /** One input, to its end. */
  void run(FuzzInput input) throws IOException {
    guestFolder.empty();
    hostFolder.empty();
    done.clear();
    for (int i = 0; i < MAX_STEPS && input.hasMore(); i++) {
      step(input, path(input), path(input));
    }
    bound(open, 0);
    bound(kept, 0);
    same("the folders", () -> image(guestFolder.shared()), () -> image(hostFolder.shared()));
    same("fids that are left", () -> driver.test.counter("fids"), () -> 1L);
  }

  private static String path(FuzzInput input) {
    return PATHS.get(input.below(PATHS.size()));
  }

  private void step(FuzzInput input, String path, String other) {
    String both = path + " " + other;
    int rmdir = P9.DOTL_AT_REMOVEDIR;
    switch (input.below(18)) {
      case 0 -> same("mkdir " + path, () -> guest.mkdir(path, 0755), () -> host.mkdir(path, 0755));
      case 1 -> same("link " + both, () -> guest.link(path, other), () -> host.link(path, other));
      case 2 -> same("unlink " + path, () -> guest.unlink(path, 0), () -> host.unlink(path, 0));
      case 3 ->
          same("rmdir " + path, () -> guest.unlink(path, rmdir), () -> host.unlink(path, rmdir));
      case 4, 5 ->
          same("rename " + both, () -> guest.rename(path, other), () -> host.rename(path, other));
      case 6 ->
          same(
              "symlink " + path,
              () -> guest.symlink("none", path),
              () -> host.symlink("none", path));
      case 7 -> setAttribute(path, input);
      case 8 ->
          same(
              "attribute of " + path,
              () -> guest.attribute(path, "user.a"),
              () -> host.attribute(path, "user.a"));
      case 9, 10 -> open(path, FLAGS[input.below(FLAGS.length)]);
      case 11, 12 -> keep(path);
      case 13, 14 -> askOfKept(input);
      default -> useOpen(input);
    }
  }

  private void setAttribute(String path, FuzzInput input) {
    byte[] value = new byte[input.below(20)];
    Arrays.fill(value, (byte) input.u8());
    int flags = input.below(3);
    same(
        "attribute " + path + " " + value.length + " " + flags,
        () -> guest.setAttribute(path, "user.a", value, flags),
        () -> host.setAttribute(path, "user.a", value, flags));
  }

  private void open(String path, int flags) {
    bound(open, OPEN_MAX - 1);
    boolean written = (flags & OpenFlags.O_ACCMODE) != OpenFlags.O_RDONLY;
    add(
        open,
        "open " + path + " " + flags,
        written,
        () -> guest.open(path, flags, 0644),
        () -> host.open(path, flags | OpenFlags.O_NOFOLLOW, 0644));
  }

  /** As a kernel keeps what it has walked to, whether the name stays or not. */
  private void keep(String path) {
    bound(kept, KEPT_MAX - 1);
    add(kept, "keep " + path, false, () -> guest.find(path), () -> host.find(path));
  }

  private void add(
      List<Pair> list, String what, boolean written, Supplier<Long> guests, Supplier<Long> hosts) {
    long fid = guests.get();
    if (wasRefused(what, fid)) {
      return;
    }
    long fd = hosts.get();
    compare(what, Math.min(fid, 0), Math.min(fd, 0));
    if (fid > 0) {
      list.add(new Pair(fid, fd, written));
    }
  }

  private void bound(List<Pair> list, int most) {
    while (list.size() > most) {
      close(list.removeFirst());
    }
  }

  private void close(Pair file) {
    guest.close(file.guest);
    host.close(file.host);
  }

  private void askOfKept(FuzzInput input) {
    if (!kept.isEmpty()) {
      int index = input.below(kept.size());
      Pair file = kept.get(index);
      same("status " + index, () -> guest.status(file.guest), () -> host.status(file.host));
    }
  }

  private void useOpen(FuzzInput input) {
    if (open.isEmpty()) {
      return;
    }
    int index = input.below(open.size());
    Pair file = open.get(index);
    int offset = input.u16() & 0x1fff;
    byte[] bytes = new byte[1 + input.below(100)];
    String what = " file " + index + " at " + offset + " for " + bytes.length;
    switch (input.below(4)) {
      case 0 ->
          same(
              "read" + what,
              () -> guest.read(file.guest, offset, bytes.length),
              () -> host.read(file.host, offset, bytes.length));
      case 1 -> {
        Arrays.fill(bytes, (byte) input.u8());
        same(
            "write" + what,
            () -> guest.write(file.guest, offset, bytes),
            () -> host.write(file.host, offset, bytes));
      }
      case 2 -> {
        if (file.written) { // a kernel asks this itself
          same(
              "truncate" + what,
              () -> guest.truncate(file.guest, offset),
              () -> host.truncate(file.host, offset));
        }
      }
      default -> close(open.remove(index));
    }
  }

  private <T> void same(String what, Supplier<T> guests, Supplier<T> hosts) {
    T seen = guests.get();
    if (!wasRefused(what, seen)) {
      compare(what, seen, hosts.get());
    }
  }

  /** What the share has no descriptor for it has not done, and so the host does not. */
  private boolean wasRefused(String what, Object seen) {
    boolean refused = seen.equals((long) -Errno.EMFILE) || seen.equals("error " + Errno.EMFILE);
    if (refused) {
      done.add(what + ": no descriptor");
    }
    return refused;
  }

  private void compare(String what, Object seen, Object expected) {
    done.add(what + ": " + expected);
    if (!seen.equals(expected)) {
      throw new AssertionError(String.join("\n", done) + "\nbut a guest sees " + seen);
    }
  }

  private static Map<String, String> image(Path root) {
    Map<String, String> image = new TreeMap<>();
    try {
      for (Path path : TreeImage.paths(root)) {
        Map<String, Object> attributes =
            Files.readAttributes(path, "unix:mode,nlink,size", LinkOption.NOFOLLOW_LINKS);
        String content =
            Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)
                ? Arrays.toString(Files.readAllBytes(path))
                : "";
        image.put(root.relativize(path).toString(), new TreeMap<>(attributes) + content);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return image;
  }
}
