package io.jvmm.devices.p9;

import java.util.HashMap;
import java.util.Map;

/**
 * Makes one number of a file system and an inode's number on it. Those of the root's file system
 * are as they are; others have the number of their file system in the upper bits, which inode
 * numbers leave free. Where one does not, it is given the next number that nobody has.
 *
 * <p>Threads: any.
 */
final class QidPaths {
  /** Inode numbers of up to so many bits share a number's upper part with their file system. */
  private static final int INODE_BITS = 48;

  private static final long FIRST_GIVEN = 0xffffL << INODE_BITS;

  /** File systems and inodes that are remembered at most; a share has one or a few of the first. */
  private static final int REMEMBERED_MAX = 1 << 15;

  private final long rootDevice;

  // Guarded by this.
  private final Map<Long, Long> devices = new HashMap<>();
  private final Map<Inode, Long> given = new HashMap<>();

  private record Inode(long device, long number) {}

  QidPaths(long rootDevice) {
    this.rootDevice = rootDevice;
  }

  /** Hot for the root's file system. */
  long of(long device, long inode) {
    if (device == rootDevice && inode >>> INODE_BITS == 0) {
      return inode;
    }
    return ofOther(device, inode);
  }

  /** The root's file system. */
  long rootDevice() {
    return rootDevice;
  }

  private synchronized long ofOther(long device, long inode) {
    if (inode >>> INODE_BITS == 0 && devices.size() < FIRST_GIVEN >>> INODE_BITS) {
      return devices.computeIfAbsent(device, d -> devices.size() + 1L) << INODE_BITS | inode;
    }
    Long known = given.get(new Inode(device, inode));
    if (known != null) {
      return known;
    }
    long next = FIRST_GIVEN + given.size();
    if (given.size() < REMEMBERED_MAX) {
      given.put(new Inode(device, inode), next);
      return next;
    }
    // More of them than a share has: unique as far as a hash is.
    return (inode * 0x9E3779B97F4A7C15L ^ device) | FIRST_GIVEN;
  }
}
