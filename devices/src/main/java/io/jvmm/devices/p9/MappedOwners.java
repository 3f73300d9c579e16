package io.jvmm.devices.p9;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.tree.FileStatus;
import io.jvmm.host.tree.NodeCalls;
import io.jvmm.host.tree.NodeName;
import io.jvmm.host.tree.OpenFlags;
import io.jvmm.host.tree.OpenNode;
import io.jvmm.host.tree.TreeCalls;
import java.lang.foreign.MemorySegment;

/**
 * Owners, modes and kinds are kept in extended attributes ({@link MappedAttributes}) of files that
 * are this process's, and closed to others. A symbolic link is a file with its target in it, a
 * FIFO, a socket or a device an empty one. What others have put into the folder is shown as it is,
 * as long as it has no such attributes.
 *
 * <p>Threads: belongs to one.
 */
final class MappedOwners implements Ownership {
  private static final int PRIVATE = 0600;
  private static final int UNCHANGED = -1;
  private static final int DT_REG = FileStatus.S_IFREG >> 12;
  private static final int DT_UNKNOWN = 0;

  private final NodeCalls nodes = new NodeCalls();
  private final MappedAttributes attributes = new MappedAttributes(nodes);
  private final FileStatus scratch = new FileStatus();

  @Override
  public int ask(CallState state, int node, FileStatus status) {
    int error = (int) nodes.tryStatus(state, node, status);
    int kind = status.kind();
    if (error != 0 || (kind != FileStatus.S_IFREG && kind != FileStatus.S_IFDIR)) {
      return error; // others cannot have attributes of this kind
    }
    error = attributes.showMode(state, node, status);
    return error != 0 ? error : attributes.showOthers(state, node, status);
  }

  /** Directories are what they are; a regular file may stand for something else. */
  @Override
  public int askKind(CallState state, int node, FileStatus status) {
    int error = (int) nodes.tryStatus(state, node, status);
    return error == 0 && status.kind() == FileStatus.S_IFREG
        ? attributes.showMode(state, node, status)
        : error;
  }

  @Override
  public int makeNode(CallState state, TreeCalls tree, int directory, NodeName name, int kind) {
    return (int) tree.tryMakeNode(state, directory, name, FileStatus.S_IFREG | PRIVATE, 0);
  }

  @Override
  public int makeLink(
      CallState state, TreeCalls tree, NodeName target, int directory, NodeName name) {
    long fd = tree.tryCreate(state, directory, name, OpenFlags.O_WRONLY, PRIVATE);
    if (fd < 0) {
      return (int) fd;
    }
    long n = OpenNode.tryWriteName(state, (int) fd, target);
    NodeCalls.close(state, (int) fd);
    if (n == target.length()) {
      return 0;
    }
    tree.tryRemove(state, directory, name, 0);
    return n < 0 ? (int) n : -Errno.ENOSPC;
  }

  @Override
  public int give(
      CallState state, int node, FileStatus made, int uid, int gid, int mode, long device) {
    int kind = mode & FileStatus.S_IFMT;
    boolean isDevice = kind == FileStatus.S_IFCHR || kind == FileStatus.S_IFBLK;
    int error = setOwner(state, node, uid, gid);
    error = error != 0 || !isDevice ? error : attributes.setDevice(state, node, device);
    error = error != 0 ? error : attributes.setMode(state, node, mode);
    made.setMode(mode);
    return error;
  }

  @Override
  public int setOwner(CallState state, int node, int uid, int gid) {
    int error = uid == UNCHANGED ? 0 : attributes.setUid(state, node, uid);
    return error != 0 || gid == UNCHANGED ? error : attributes.setGid(state, node, gid);
  }

  @Override
  public int setMode(CallState state, int node, int permissions) {
    int error = askKind(state, node, scratch);
    return error != 0 ? error : attributes.setMode(state, node, scratch.kind() | permissions);
  }

  @Override
  public int readLink(CallState state, int node, long address, int length) {
    long n = nodes.tryReadLink(state, node, address, length);
    if (n >= 0) {
      return (int) n; // one that somebody has made on the host
    }
    int error = askKind(state, node, scratch);
    if (error != 0 || scratch.kind() != FileStatus.S_IFLNK) {
      return error != 0 ? error : -Errno.EINVAL;
    }
    long fd = nodes.tryOpen(state, node, OpenFlags.O_RDONLY);
    if (fd < 0) {
      return (int) fd;
    }
    n = OpenNode.tryReadTo(state, (int) fd, address, length, 0);
    NodeCalls.close(state, (int) fd);
    return (int) n;
  }

  /** Nothing on the host takes them for what they stand for. */
  @Override
  public int whyNotMade(int kind, long device) {
    return 0;
  }

  /** A regular file may stand for something else: who wants to know asks for its status. */
  @Override
  public int listedType(int type) {
    return type == DT_REG ? DT_UNKNOWN : type;
  }

  @Override
  public int toHost(NodeName attribute, boolean changes) {
    return AttributeNames.map(attribute, changes);
  }

  @Override
  public int toGuest(MemorySegment names, int length) {
    return AttributeNames.unmap(names, length);
  }
}
