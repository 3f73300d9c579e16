package io.jvmm.devices.p9;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.tree.FileStatus;
import io.jvmm.host.tree.NodeCalls;
import io.jvmm.host.tree.NodeName;
import io.jvmm.host.tree.TreeCalls;

/**
 * What makes, moves and removes entries: Tmkdir, Tmknod, Tsymlink, Tlink, Trename, Trenameat,
 * Tunlinkat, Tremove.
 *
 * <p>Threads: the worker's.
 */
final class EntryMessages {
  private static final int PERMISSIONS = 07777;
  private static final int PRIVATE_DIRECTORY = 0700;

  /** A symbolic link's mode, always. */
  private static final int LINK = FileStatus.S_IFLNK | 0777;

  private final WorkerContext context;
  private final NodeName target = new NodeName(NodeName.TARGET_MAX);

  EntryMessages(WorkerContext context) {
    this.context = context;
  }

  /** Tmkdir: dfid[4] name[s] mode[4] gid[4]; Rmkdir: qid[13]. */
  int makeDirectory(CallState state, Request request) {
    MessageReader in = context.in;
    in.u32();
    boolean fits = in.name(context.name);
    int mode = in.u32() & PERMISSIONS;
    int gid = in.u32();
    int error = whyNot(request.fid(), fits);
    if (error != 0) {
      return error;
    }
    int directory = request.fid().node().fd();
    error = (int) context.tree.tryMakeDirectory(state, directory, context.name, PRIVATE_DIRECTORY);
    return error != 0 ? error : finish(state, request.fid(), gid, FileStatus.S_IFDIR | mode, 0);
  }

  /** Tmknod: dfid[4] name[s] mode[4] major[4] minor[4] gid[4]; Rmknod: qid[13]. */
  int makeNode(CallState state, Request request) {
    MessageReader in = context.in;
    in.u32();
    boolean fits = in.name(context.name);
    int mode = in.u32();
    int major = in.u32();
    int minor = in.u32();
    int gid = in.u32();
    int kind = mode & FileStatus.S_IFMT;
    long device = FileStatus.packed(major, minor);
    int error = whyNot(request.fid(), fits);
    error = error != 0 ? error : context.ownership.whyNotMade(kind, device);
    if (error != 0) {
      return error;
    }
    int directory = request.fid().node().fd();
    error = context.ownership.makeNode(state, context.tree, directory, context.name, kind);
    int full = kind | (mode & PERMISSIONS);
    return error != 0 ? error : finish(state, request.fid(), gid, full, device);
  }

  /** Tsymlink: fid[4] name[s] symtgt[s] gid[4]; Rsymlink: qid[13]. */
  int makeLink(CallState state, Request request) {
    MessageReader in = context.in;
    in.u32();
    boolean fits = in.name(context.name);
    boolean targetFits = in.name(target);
    int gid = in.u32();
    int error = whyNot(request.fid(), fits);
    if (error != 0 || !targetFits) {
      return error != 0 ? error : -Errno.ENAMETOOLONG;
    }
    int directory = request.fid().node().fd();
    error = context.ownership.makeLink(state, context.tree, target, directory, context.name);
    return error != 0 ? error : finish(state, request.fid(), gid, LINK, 0);
  }

  private int whyNot(Fid directory, boolean fits) {
    return context.in.isBroken()
        ? -Errno.EINVAL
        : Entries.whyNoName(context, directory.node(), context.name, fits);
  }

  /** Gives what was just made its owner and mode, and answers with its qid. */
  private int finish(CallState state, Fid directory, int gid, int mode, long device) {
    long fd = context.tree.tryFind(state, directory.node().fd(), context.name);
    if (fd < 0) {
      return (int) fd;
    }
    int node = (int) fd;
    int error = context.complete(state, directory, node, gid, mode, device);
    if (error == 0) {
      context.out.begin().qid(context.qid());
    }
    NodeCalls.close(state, node);
    return error;
  }

  /** Tlink: dfid[4] fid[4] name[s]. */
  int link(CallState state, Request request) {
    MessageReader in = context.in;
    in.u32();
    in.u32();
    boolean fits = in.name(context.name);
    int error = whyNot(request.fid(), fits);
    if (error != 0) {
      return error;
    }
    context.out.begin();
    int node = request.other().node().fd();
    int directory = request.fid().node().fd();
    return (int) context.tree.tryLink(state, node, directory, context.name);
  }

  /** Trename: fid[4] dfid[4] name[s]. */
  int rename(CallState state, Request request) {
    MessageReader in = context.in;
    in.u32();
    in.u32();
    boolean fits = in.name(context.secondName);
    if (in.isBroken()) {
      return -Errno.EINVAL;
    }
    Node to = request.other().node();
    int error = Entries.whyNoName(context, to, context.secondName, fits);
    error = error != 0 ? error : findAgain(state, request.fid().node());
    Node from = request.fid().node().parent();
    if (error != 0 || from == null) {
      return error != 0 ? error : -Errno.EBUSY;
    }
    context.out.begin();
    return (int)
        context.tree.tryRename(state, from.fd(), context.name, to.fd(), context.secondName);
  }

  /** Trenameat: olddirfid[4] oldname[s] newdirfid[4] newname[s]. */
  int renameAt(CallState state, Request request) {
    MessageReader in = context.in;
    in.u32();
    boolean fits = in.name(context.name);
    in.u32();
    boolean newFits = in.name(context.secondName);
    int error = whyNot(request.fid(), fits);
    Node to = request.other().node();
    error = error != 0 ? error : Entries.whyNoName(context, to, context.secondName, newFits);
    if (error != 0) {
      return error;
    }
    context.out.begin();
    int from = request.fid().node().fd();
    return (int) context.tree.tryRename(state, from, context.name, to.fd(), context.secondName);
  }

  /** Tunlinkat: dirfd[4] name[s] flags[4]. */
  int unlinkAt(CallState state, Request request) {
    MessageReader in = context.in;
    in.u32();
    boolean fits = in.name(context.name);
    int flags = in.u32() & P9.DOTL_AT_REMOVEDIR;
    int error = whyNot(request.fid(), fits);
    if (error != 0) {
      return error;
    }
    context.out.begin();
    int directory = request.fid().node().fd();
    return (int) context.tree.tryRemove(state, directory, context.name, flags);
  }

  /** Tremove: fid[4], which is gone also where this fails. */
  int remove(CallState state, Request request) {
    Node node = request.fid().node();
    if (context.isReadOnly()) {
      return -Errno.EROFS;
    }
    int error = findAgain(state, node);
    Node parent = node.parent();
    if (error != 0 || parent == null) {
      return error != 0 ? error : -Errno.EBUSY;
    }
    context.out.begin();
    int flags = node.isDirectory() ? TreeCalls.AT_REMOVEDIR : 0;
    return (int) context.tree.tryRemove(state, parent.fd(), context.name, flags);
  }

  /** Sees whether a file still has the name that it was found by, which is then the context's. */
  private int findAgain(CallState state, Node node) {
    Node parent = node.parent();
    if (parent == null) {
      return -Errno.EBUSY; // the root has no name
    }
    context.name.set(node.name());
    long fd = context.tree.tryFind(state, parent.fd(), context.name);
    if (fd < 0) {
      return (int) fd;
    }
    int error = context.askKind(state, (int) fd);
    NodeCalls.close(state, (int) fd);
    if (error != 0) {
      return error;
    }
    return context.qid().path() == node.qid().path() ? 0 : -Errno.ENOENT;
  }
}
