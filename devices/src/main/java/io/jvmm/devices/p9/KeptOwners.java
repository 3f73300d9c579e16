package io.jvmm.devices.p9;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.tree.FileStatus;
import io.jvmm.host.tree.NodeCalls;
import io.jvmm.host.tree.NodeName;
import io.jvmm.host.tree.TreeCalls;
import java.lang.foreign.MemorySegment;

/**
 * Owners, modes and special files are the host's, by number.
 *
 * <p>Threads: belongs to one.
 */
final class KeptOwners implements Ownership {
  private static final int SET_GROUP = 02000;
  private static final int PRIVATE = 0600;

  private final NodeCalls nodes = new NodeCalls();

  @Override
  public int ask(CallState state, int node, FileStatus status) {
    return (int) nodes.tryStatus(state, node, status);
  }

  @Override
  public int askKind(CallState state, int node, FileStatus status) {
    return (int) nodes.tryStatus(state, node, status);
  }

  @Override
  public int makeNode(CallState state, TreeCalls tree, int directory, NodeName name, int kind) {
    return (int) tree.tryMakeNode(state, directory, name, kind | PRIVATE, 0);
  }

  @Override
  public int makeLink(
      CallState state, TreeCalls tree, NodeName target, int directory, NodeName name) {
    return (int) tree.tryMakeLink(state, target, directory, name);
  }

  @Override
  public int give(
      CallState state, int node, FileStatus made, int uid, int gid, int mode, long device) {
    boolean isGiven = made.uid() == uid && made.gid() == gid;
    int error = isGiven ? 0 : setOwner(state, node, uid, gid);
    return error != 0 ? error : giveMode(state, nodes, node, made, mode);
  }

  /** A directory keeps its group's bit, which it has from the one it was made in. */
  static int giveMode(CallState state, NodeCalls nodes, int node, FileStatus made, int mode) {
    return switch (made.kind()) {
      case FileStatus.S_IFLNK -> 0; // has no permissions
      case FileStatus.S_IFDIR ->
          (int)
              nodes.trySetMode(
                  state, node, (mode | (made.mode() & SET_GROUP)) & ~FileStatus.S_IFMT);
      default -> (int) nodes.trySetMode(state, node, mode & ~FileStatus.S_IFMT);
    };
  }

  @Override
  public int setOwner(CallState state, int node, int uid, int gid) {
    return (int) nodes.trySetOwner(state, node, uid, gid);
  }

  @Override
  public int setMode(CallState state, int node, int permissions) {
    return (int) nodes.trySetMode(state, node, permissions);
  }

  @Override
  public int readLink(CallState state, int node, long address, int length) {
    return (int) nodes.tryReadLink(state, node, address, length);
  }

  /** Devices are not: the host would open them. */
  @Override
  public int whyNotMade(int kind, long device) {
    boolean isWhiteout = kind == FileStatus.S_IFCHR && device == 0; // an overlay's
    boolean isDevice = kind == FileStatus.S_IFCHR || kind == FileStatus.S_IFBLK;
    return isDevice && !isWhiteout ? -Errno.EPERM : 0;
  }

  @Override
  public int listedType(int type) {
    return type;
  }

  @Override
  public int toHost(NodeName attribute, boolean changes) {
    return 0;
  }

  @Override
  public int toGuest(MemorySegment names, int length) {
    return length;
  }
}
