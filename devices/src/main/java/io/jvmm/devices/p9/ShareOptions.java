package io.jvmm.devices.p9;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is shared and how.
 *
 * @param path of a folder on the host
 * @param tag what the guest mounts it by: 1 to {@value #TAG_MAX} bytes
 * @param readOnly nothing of the folder's state changes, and guests get EROFS
 * @param security whose files a guest makes
 * @param shownAs whom files of this process's user and group are shown to belong to; null for these
 * @param cache what the guest is told to keep in its own memory
 * @param accessLists whether the guest's kernel keeps to access control lists, for which it asks
 *     twice more about each file that it looks at
 * @param mounts paths below the folder: what is mounted there is part of it, no other mount is
 */
public record ShareOptions(
    String path,
    String tag,
    boolean readOnly,
    Security security,
    @Nullable GuestOwner shownAs,
    CacheMode cache,
    boolean accessLists,
    List<String> mounts) {
  /** Bytes of a tag; Linux shows no longer one. */
  public static final int TAG_MAX = 255;

  /** A user and a group of the guest's, by number. */
  public record GuestOwner(int uid, int gid) {}

  /** Whether a tag may be this. */
  public static boolean isTag(String tag) {
    int length = tag.getBytes(StandardCharsets.UTF_8).length;
    return length > 0 && length <= TAG_MAX && tag.indexOf('\0') < 0;
  }

  /**
   * Checks the tag, and what goes together.
   *
   * @throws IllegalArgumentException where it does not
   */
  public ShareOptions {
    mounts = List.copyOf(mounts);
    if (!isTag(tag)) {
      throw new IllegalArgumentException("share tag '" + tag + "'");
    }
    if (shownAs != null && security != Security.NONE) {
      throw new IllegalArgumentException("owners are kept, and shown as others");
    }
    if (accessLists && !security.hasAccessLists()) {
      throw new IllegalArgumentException("access lists of owners that are not kept");
    }
  }

  /** Without access lists and mounts. */
  public ShareOptions(
      String path,
      String tag,
      boolean readOnly,
      Security security,
      @Nullable GuestOwner shownAs,
      CacheMode cache) {
    this(path, tag, readOnly, security, shownAs, cache, false, List.of());
  }

  /** The same, with these mounts. */
  public ShareOptions withMounts(List<String> paths) {
    return new ShareOptions(path, tag, readOnly, security, shownAs, cache, accessLists, paths);
  }

  /** All as usual. */
  public static ShareOptions of(String path, String tag) {
    return new ShareOptions(path, tag, false, Security.usual(), null, CacheMode.MMAP);
  }

  /** What Linux is to mount it with, for {@code mount -o} or {@code rootflags=}. */
  public String mountOptions() {
    return cache.mountOptions(accessLists);
  }
}
