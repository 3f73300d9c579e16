package io.jvmm.devices.p9;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.tree.FileStatus;
import io.jvmm.host.tree.NodeCalls;
import io.jvmm.host.tree.NodeName;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The extended attributes in which the host keeps what a guest gives a file: {@code
 * user.virtfs.uid}, {@code .gid} and {@code .mode} (with the kind) as {@code le32}, {@code .rdev}
 * as {@code le64} packed as {@code makedev(3)} does. QEMU's shares have the same ones, so that a
 * folder can go from one to the other. A file may have some of them, or none.
 *
 * <p>Threads: belongs to one.
 */
final class MappedAttributes {
  private static final int NUMBER_SIZE = Integer.BYTES;
  private static final int DEVICE_SIZE = Long.BYTES;
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** The file has no such attribute, or one that means nothing. */
  private static final int ABSENT = 1;

  private final NodeCalls nodes;
  private final NodeName uid = name("user.virtfs.uid");
  private final NodeName gid = name("user.virtfs.gid");
  private final NodeName mode = name("user.virtfs.mode");
  private final NodeName rdev = name("user.virtfs.rdev");
  private final MemorySegment value = Arena.ofAuto().allocate(DEVICE_SIZE, Long.BYTES);

  MappedAttributes(NodeCalls nodes) {
    this.nodes = nodes;
  }

  private static NodeName name(String text) {
    NodeName name = new NodeName(NodeName.NAME_MAX);
    name.set(text.getBytes(StandardCharsets.US_ASCII));
    return name;
  }

  /** Makes of a status what the mode that is kept says; the kind as far as it can be. */
  int showMode(CallState state, int node, FileStatus status) {
    int found = get(state, node, mode, NUMBER_SIZE);
    if (found == 0) {
      status.setMode(shown(status.kind(), value.get(INT, 0)));
    }
    return found == ABSENT ? 0 : found;
  }

  private static int shown(int hostKind, int kept) {
    int permissions = kept & 07777;
    int kind = kept & FileStatus.S_IFMT;
    boolean isPossible =
        hostKind == FileStatus.S_IFREG
            && switch (kind) {
              case FileStatus.S_IFLNK,
                  FileStatus.S_IFIFO,
                  FileStatus.S_IFSOCK,
                  FileStatus.S_IFCHR,
                  FileStatus.S_IFBLK ->
                  true;
              default -> false;
            };
    return (isPossible ? kind : hostKind) | permissions;
  }

  /** Makes of a status, whose mode is shown already, what the owner and the device say. */
  int showOthers(CallState state, int node, FileStatus status) {
    int found = get(state, node, uid, NUMBER_SIZE);
    int shownUid = found == 0 ? value.get(INT, 0) : status.uid();
    if (found < 0) {
      return found;
    }
    found = get(state, node, gid, NUMBER_SIZE);
    status.setOwner(shownUid, found == 0 ? value.get(INT, 0) : status.gid());
    int kind = status.kind();
    if (found >= 0 && (kind == FileStatus.S_IFCHR || kind == FileStatus.S_IFBLK)) {
      found = get(state, node, rdev, DEVICE_SIZE);
      status.setDeviceNumber(found == 0 ? value.get(LONG, 0) : 0);
    }
    return found == ABSENT ? 0 : found;
  }

  private int get(CallState state, int node, NodeName name, int size) {
    int n = (int) nodes.tryGetAttribute(state, node, name, value.address(), size);
    if (n == size) {
      return 0;
    }
    return switch (n) {
      // None, one that this process may not read, a file system without, one of another length.
      case -Errno.ENODATA, -Errno.EACCES, -Errno.EPERM, -Errno.EOPNOTSUPP, -Errno.ERANGE -> ABSENT;
      default -> n < 0 ? n : ABSENT;
    };
  }

  int setUid(CallState state, int node, int to) {
    return set(state, node, uid, to);
  }

  int setGid(CallState state, int node, int to) {
    return set(state, node, gid, to);
  }

  int setMode(CallState state, int node, int to) {
    return set(state, node, mode, to);
  }

  int setDevice(CallState state, int node, long to) {
    value.set(LONG, 0, to);
    return (int) nodes.trySetAttribute(state, node, rdev, value.address(), DEVICE_SIZE, 0);
  }

  private int set(CallState state, int node, NodeName name, int to) {
    value.set(INT, 0, to);
    return (int) nodes.trySetAttribute(state, node, name, value.address(), NUMBER_SIZE, 0);
  }
}
