package io.jvmm.devices.p9;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.Fd;
import io.jvmm.host.process.EffectiveUser;
import io.jvmm.host.tree.NodeCalls;
import io.jvmm.host.tree.NodeName;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/** Sees before anything runs whether a folder can be shared as it was asked for. */
final class Requirements {
  private static final String PROBE = "user.virtfs.probe";

  private Requirements() {}

  /**
   * Tries it, on a folder whose state is the same afterwards; the time of its last change is not,
   * unless the share is read-only.
   *
   * @throws ShareException saying what to do instead
   */
  static void check(ShareOptions options, Fd folder) {
    switch (options.security()) {
      case PASSTHROUGH -> requireRoot();
      case MAPPED_XATTR -> requireAttributes(options, folder);
      case NONE -> {
        // Any process, any folder.
      }
    }
  }

  private static void requireRoot() {
    if (!EffectiveUser.isRoot()) {
      throw new ShareException(
          "security=passthrough gives files to the guest's users, which is for root alone: run"
              + " jvmm as root, or choose security=mapped-xattr or security=none");
    }
  }

  private static void requireAttributes(ShareOptions options, Fd folder) {
    CallState state = CallState.current();
    NodeCalls nodes = new NodeCalls();
    NodeName probe = new NodeName(NodeName.NAME_MAX);
    probe.set(PROBE.getBytes(StandardCharsets.US_ASCII));
    long none = MemorySegment.NULL.address();
    long result = nodes.tryGetAttribute(state, folder.number(), probe, none, 0);
    if (result != -Errno.EOPNOTSUPP && !options.readOnly()) {
      result = nodes.trySetAttribute(state, folder.number(), probe, none, 0, 0);
      if (result == 0) {
        nodes.tryRemoveAttribute(state, folder.number(), probe);
      }
    }
    // Any other error is the folder's own: a user who may not write there, a full disk.
    if (result == -Errno.EOPNOTSUPP) {
      throw new ShareException(
          "security=mapped-xattr keeps owners in extended attributes (user.*), which the file"
              + " system of "
              + options.path()
              + " has not (tmpfs has them since Linux 6.6): share a folder on a disk, or choose"
              + " security=none");
    }
  }
}
