package io.jvmm.devices.p9;

import io.jvmm.host.CallState;
import io.jvmm.host.tree.FileStatus;
import io.jvmm.host.tree.NodeName;
import io.jvmm.host.tree.TreeCalls;
import java.lang.foreign.MemorySegment;

/**
 * Whose files a guest makes, what a status says of them, and what is made for what is no plain file
 * or directory. All answers are 0 or {@code -errno} where nothing else is said.
 *
 * <p>Threads: belongs to one.
 */
sealed interface Ownership permits KeptOwners, MappedOwners, OneOwner {
  /** That of a share. */
  static Ownership of(ShareOptions options) {
    return switch (options.security()) {
      case PASSTHROUGH -> new KeptOwners();
      case MAPPED_XATTR -> new MappedOwners();
      case NONE -> new OneOwner(options.shownAs());
    };
  }

  /** Hot: asks what a descriptor holds, as the guest is to see it. */
  int ask(CallState state, int node, FileStatus status);

  /** Hot: the same; only the kind, and what tells one file from another, need be right. */
  int askKind(CallState state, int node, FileStatus status);

  /** Makes a FIFO, a socket, a device file or a regular file, which {@link #give} completes. */
  int makeNode(CallState state, TreeCalls tree, int directory, NodeName name, int kind);

  /** Makes a symbolic link, which {@link #give} completes. */
  int makeLink(CallState state, TreeCalls tree, NodeName target, int directory, NodeName name);

  /**
   * Gives what was just made, with no permission for others, its owner and then its mode: in this
   * order, since the first takes bits of the second away.
   *
   * @param made what the host says of it, and then what the guest is told
   * @param mode the guest's, with the kind
   * @param device that a device file stands for
   */
  int give(CallState state, int node, FileStatus made, int uid, int gid, int mode, long device);

  /** Changes owner and group, either -1 to leave it. */
  int setOwner(CallState state, int node, int uid, int gid);

  /** Changes permissions. */
  int setMode(CallState state, int node, int permissions);

  /** A symbolic link's target: how many bytes of it were put there, or {@code -errno}. */
  int readLink(CallState state, int node, long address, int length);

  /** Why a kind of special file is not made. */
  int whyNotMade(int kind, long device);

  /** What a directory's list says of an entry that the host's says this type of. */
  int listedType(int type);

  /**
   * Makes of the guest's name of an extended attribute the host's.
   *
   * @param changes whether it is set or removed
   */
  int toHost(NodeName attribute, boolean changes);

  /** Makes of the host's names, each with a NUL, the guest's; answers how long they are. */
  int toGuest(MemorySegment names, int length);
}
