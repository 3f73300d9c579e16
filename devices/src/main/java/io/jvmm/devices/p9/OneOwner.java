package io.jvmm.devices.p9;

import io.jvmm.devices.p9.ShareOptions.GuestOwner;
import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.process.EffectiveUser;
import io.jvmm.host.tree.FileStatus;
import io.jvmm.host.tree.NodeCalls;
import io.jvmm.host.tree.NodeName;
import io.jvmm.host.tree.TreeCalls;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * What a guest makes is this process's. Guests are told that they gave files away, and did not.
 *
 * <p>Threads: belongs to one.
 */
final class OneOwner implements Ownership {
  private final NodeCalls nodes = new NodeCalls();
  private final KeptOwners host = new KeptOwners();
  private final int uid = EffectiveUser.uid();
  private final int gid = EffectiveUser.gid();
  private final int shownUid;
  private final int shownGid;

  /**
   * @param shownAs whom files of this process's user and group are shown to belong to
   */
  OneOwner(@Nullable GuestOwner shownAs) {
    shownUid = shownAs == null ? uid : shownAs.uid();
    shownGid = shownAs == null ? gid : shownAs.gid();
  }

  @Override
  public int ask(CallState state, int node, FileStatus status) {
    int error = (int) nodes.tryStatus(state, node, status);
    if (error == 0) {
      show(status);
    }
    return error;
  }

  private void show(FileStatus status) {
    int isUid = status.uid();
    int isGid = status.gid();
    status.setOwner(isUid == uid ? shownUid : isUid, isGid == gid ? shownGid : isGid);
  }

  @Override
  public int askKind(CallState state, int node, FileStatus status) {
    return (int) nodes.tryStatus(state, node, status);
  }

  @Override
  public int makeNode(CallState state, TreeCalls tree, int directory, NodeName name, int kind) {
    return host.makeNode(state, tree, directory, name, kind);
  }

  @Override
  public int makeLink(
      CallState state, TreeCalls tree, NodeName target, int directory, NodeName name) {
    return host.makeLink(state, tree, target, directory, name);
  }

  @Override
  public int give(
      CallState state, int node, FileStatus made, int toUid, int toGid, int mode, long device) {
    return KeptOwners.giveMode(state, nodes, node, made, mode);
  }

  @Override
  public int setOwner(CallState state, int node, int toUid, int toGid) {
    return 0;
  }

  @Override
  public int setMode(CallState state, int node, int permissions) {
    return host.setMode(state, node, permissions);
  }

  @Override
  public int readLink(CallState state, int node, long address, int length) {
    return host.readLink(state, node, address, length);
  }

  @Override
  public int whyNotMade(int kind, long device) {
    return host.whyNotMade(kind, device);
  }

  @Override
  public int listedType(int type) {
    return type;
  }

  /** Others than programs' own speak of users, or are the host's affair. */
  @Override
  public int toHost(NodeName attribute, boolean changes) {
    return attribute.startsWith(AttributeNames.USER) ? 0 : -Errno.EOPNOTSUPP;
  }

  @Override
  public int toGuest(MemorySegment names, int length) {
    return AttributeNames.keepUsers(names, length);
  }
}
