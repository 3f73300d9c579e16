package io.jvmm.vmm.cli;

import io.jvmm.devices.p9.CacheMode;
import io.jvmm.devices.p9.Security;
import io.jvmm.devices.p9.ShareOptions;
import io.jvmm.devices.p9.ShareOptions.GuestOwner;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A shared folder as people write it: {@code DIR:TAG}, and options behind commas. The path may have
 * colons and commas: what is an option is told from the end, then the last colon ends the path.
 */
final class ShareText {
  private static final String FORM =
      "DIR:TAG[,ro][,security=passthrough|mapped-xattr|none][,uid=UID[:GID]]"
          + "[,cache=none|mmap|loose][,acl][,mount=SUBPATH]...";
  private static final String SECURITY = "security=";
  private static final String UID = "uid=";
  private static final String CACHE = "cache=";
  private static final String MOUNT = "mount=";

  /** The kernel's number for no user. */
  private static final long NOBODY = 0xffff_ffffL;

  private final String text;
  private final String place;
  private boolean readOnly;
  private boolean accessLists;
  private @Nullable Security security;
  private @Nullable GuestOwner shownAs;
  private CacheMode cache = CacheMode.MMAP;
  private final List<String> mounts = new ArrayList<>(0);

  private ShareText(String text, String place) {
    this.text = text;
    this.place = place;
  }

  /**
   * Reads it.
   *
   * @throws UsageException naming the place
   */
  static ShareOptions parse(String text, String place) {
    return new ShareText(text, place).parse();
  }

  private ShareOptions parse() {
    int end = endOfTag();
    int colon = text.lastIndexOf(':', end - 1);
    String tag = text.substring(colon + 1, end);
    if (colon <= 0 || !ShareOptions.isTag(tag)) {
      throw new UsageException(place + ": '" + text + "' is not " + FORM);
    }
    for (int at = end; at < text.length(); ) {
      int next = text.indexOf(',', at + 1);
      next = next < 0 ? text.length() : next;
      option(text.substring(at + 1, next));
      at = next;
    }
    Security told = security;
    if (shownAs != null && told != null && told != Security.NONE) {
      throw new UsageException(
          place + ": uid= is for security=none: with security=" + told.text() + " owners are kept");
    }
    Security usual = shownAs != null ? Security.NONE : Security.usual();
    String path = text.substring(0, colon);
    Security chosen = told != null ? told : usual;
    if (accessLists && !chosen.hasAccessLists()) {
      throw new UsageException(
          place + ": acl is for a security that keeps owners: add security=mapped-xattr");
    }
    return new ShareOptions(path, tag, readOnly, chosen, shownAs, cache, accessLists, mounts);
  }

  /**
   * The comma behind the tag, or the end: behind it no word has a colon but that of a user or a
   * path.
   */
  private int endOfTag() {
    int end = text.length();
    while (true) {
      int comma = text.lastIndexOf(',', end - 1);
      boolean mayHaveColon = text.startsWith(UID, comma + 1) || text.startsWith(MOUNT, comma + 1);
      boolean isOption = comma >= 0 && (mayHaveColon || !hasColon(comma, end));
      if (!isOption) {
        return end;
      }
      end = comma;
    }
  }

  private boolean hasColon(int from, int end) {
    int colon = text.indexOf(':', from);
    return colon >= 0 && colon < end;
  }

  private void option(String word) {
    if (word.equals("ro")) {
      readOnly = true;
    } else if (word.equals("acl")) {
      accessLists = true;
    } else if (word.startsWith(SECURITY)) {
      security = security(word, word.substring(SECURITY.length()));
    } else if (word.startsWith(UID)) {
      shownAs = owner(word, word.substring(UID.length()));
    } else if (word.startsWith(CACHE)) {
      cache = cache(word, word.substring(CACHE.length()));
    } else if (word.startsWith(MOUNT)) {
      mounts.add(path(word, word.substring(MOUNT.length())));
    } else {
      throw wrong(word, "ro, security=, uid=, cache=, acl or mount=");
    }
  }

  /** Its last slash is what a shell completes. */
  private String path(String word, String value) {
    String path = value.endsWith("/") ? value.substring(0, value.length() - 1) : value;
    if (path.isEmpty() || path.startsWith("/")) {
      throw wrong(word, "mount=SUBPATH, a path below the folder");
    }
    return path;
  }

  private Security security(String word, String value) {
    return switch (value) {
      case "passthrough" -> Security.PASSTHROUGH;
      case "mapped-xattr" -> Security.MAPPED_XATTR;
      case "none" -> Security.NONE;
      default -> throw wrong(word, "security=passthrough, mapped-xattr or none");
    };
  }

  private CacheMode cache(String word, String value) {
    return switch (value) {
      case "none" -> CacheMode.NONE;
      case "mmap" -> CacheMode.MMAP;
      case "loose" -> CacheMode.LOOSE;
      default -> throw wrong(word, "cache=none, mmap or loose");
    };
  }

  /** A group that is not told has the user's number. */
  private GuestOwner owner(String word, String value) {
    int colon = value.indexOf(':');
    String user = colon < 0 ? value : value.substring(0, colon);
    String group = colon < 0 ? value : value.substring(colon + 1);
    return new GuestOwner(number(word, user), number(word, group));
  }

  private int number(String word, String digits) {
    try {
      long number = Long.parseLong(digits);
      if (number >= 0 && number < NOBODY) {
        return (int) number;
      }
    } catch (NumberFormatException e) {
      // Told below.
    }
    throw wrong(word, "uid=UID or uid=UID:GID, by number");
  }

  private UsageException wrong(String word, String form) {
    return new UsageException(place + ": '" + word + "' is not " + form);
  }
}
