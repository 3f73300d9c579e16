package io.jvmm.devices.p9;

import io.jvmm.host.Errno;
import io.jvmm.host.tree.NodeName;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * Names of extended attributes, in the guest and on the host. With mapped owners the host's {@code
 * user.virtfs.} is where a guest's attributes are kept that are no program's own: {@code
 * system.posix_acl_access} as {@code user.virtfs.system.posix_acl_access}, {@code
 * security.capability} likewise. What else is there is not for guests.
 */
final class AttributeNames {
  static final byte[] USER = bytes("user.");
  private static final byte[] KEPT = bytes("user.virtfs.");
  private static final byte[] ACCESS_LIST = bytes("system.posix_acl_");
  private static final byte[][] MAPPED = {ACCESS_LIST, bytes("security."), bytes("trusted.")};

  private AttributeNames() {}

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** Whether it is one of those that are access control lists: no bytes are no list. */
  static boolean isAccessList(NodeName name) {
    return name.startsWith(ACCESS_LIST);
  }

  /** 0, and then the name is the host's; or {@code -errno}. */
  static int map(NodeName name, boolean changes) {
    if (name.startsWith(KEPT)) {
      return changes ? -Errno.EPERM : -Errno.ENODATA;
    }
    if (name.startsWith(USER)) {
      return 0;
    }
    for (byte[] mapped : MAPPED) {
      if (name.startsWith(mapped)) {
        return name.prepend(KEPT) ? 0 : -Errno.ERANGE;
      }
    }
    return -Errno.EOPNOTSUPP;
  }

  /** Leaves of a list of the host's what guests may know, under their names. */
  static int unmap(MemorySegment names, int length) {
    int kept = 0;
    for (int at = 0; at < length; ) {
      int end = end(names, at, length);
      int from = at;
      if (startsWith(names, at, end, KEPT)) {
        from = at + KEPT.length;
        if (!isMapped(names, from, end)) {
          from = end;
        }
      } else if (!startsWith(names, at, end, USER)) {
        from = end; // the host's
      }
      kept = move(names, from, end, kept);
      at = end;
    }
    return kept;
  }

  /** Leaves of a list what programs have put there. */
  static int keepUsers(MemorySegment names, int length) {
    int kept = 0;
    for (int at = 0; at < length; ) {
      int end = end(names, at, length);
      kept = move(names, startsWith(names, at, end, USER) ? at : end, end, kept);
      at = end;
    }
    return kept;
  }

  /** Behind the NUL of a name. */
  private static int end(MemorySegment names, int start, int length) {
    int at = start;
    while (at < length && names.get(ValueLayout.JAVA_BYTE, at) != 0) {
      at++;
    }
    return Math.min(at + 1, length);
  }

  private static boolean isMapped(MemorySegment names, int start, int end) {
    for (byte[] mapped : MAPPED) {
      if (startsWith(names, start, end, mapped)) {
        return true;
      }
    }
    return false;
  }

  private static boolean startsWith(MemorySegment names, int start, int end, byte[] prefix) {
    if (end - start < prefix.length) {
      return false;
    }
    for (int i = 0; i < prefix.length; i++) {
      if (names.get(ValueLayout.JAVA_BYTE, start + i) != prefix[i]) {
        return false;
      }
    }
    return true;
  }

  private static int move(MemorySegment names, int from, int end, int to) {
    MemorySegment.copy(names, from, names, to, end - from);
    return to + end - from;
  }
}
