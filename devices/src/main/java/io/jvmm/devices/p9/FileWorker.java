package io.jvmm.devices.p9;

import io.jvmm.devices.io.Crew;
import io.jvmm.host.CallState;
import io.jvmm.host.Errno;

/**
 * Deals with one message after the other, whose fids the session has found, and leaves the reply in
 * the driver's buffers.
 *
 * <p>Threads: a worker's.
 */
final class FileWorker implements Crew.Worker<Request> {
  private final WorkerContext context;
  private final WalkMessages walks;
  private final OpenMessages opens;
  private final DataMessages data;
  private final DirectoryMessages directories;
  private final EntryMessages entries;
  private final AttributeMessages attributes;
  private final ExtendedAttributeMessages extended;
  private final LockMessages locks;

  FileWorker(Share share) {
    context = new WorkerContext(share);
    walks = new WalkMessages(context);
    opens = new OpenMessages(context);
    data = new DataMessages(context);
    directories = new DirectoryMessages(context);
    entries = new EntryMessages(context);
    attributes = new AttributeMessages(context);
    extended = new ExtendedAttributeMessages(context);
    locks = new LockMessages(context);
  }

  @Override
  public void perform(CallState state, Request request) {
    context.in.begin(request.message(), Math.min(request.copied(), request.size()));
    int result = deal(state, request);
    if (result < 0) {
      Reply.error(context.out, request, -result);
    } else if (request.type() == P9.TREAD) {
      context.out.begin().u32(result);
      Reply.send(context.out, request, P9.DATA_HEADER_SIZE, P9.DATA_HEADER_SIZE + result);
    } else {
      Reply.send(context.out, request);
    }
  }

  @Override
  public void fail(Request request) {
    Reply.error(context.out, request, Errno.EIO);
  }

  /** 0, for a read how many bytes, or {@code -errno}. */
  private int deal(CallState state, Request request) {
    return switch (request.type()) {
      case P9.TREAD -> data.read(state, request);
      case P9.TWRITE -> data.write(state, request);
      case P9.TGETATTR -> attributes.get(state, request);
      case P9.TWALK -> walks.walk(state, request);
      case P9.TCLUNK -> clunk(state, request);
      case P9.TLOPEN -> opens.open(state, request);
      case P9.TREADDIR -> directories.read(state, request);
      case P9.TLCREATE -> opens.create(state, request);
      case P9.TSETATTR -> attributes.set(state, request);
      case P9.TUNLINKAT -> entries.unlinkAt(state, request);
      case P9.TMKDIR -> entries.makeDirectory(state, request);
      case P9.TRENAMEAT -> entries.renameAt(state, request);
      case P9.TREADLINK -> attributes.readLink(state, request);
      case P9.TSYMLINK -> entries.makeLink(state, request);
      case P9.TLINK -> entries.link(state, request);
      case P9.TFSYNC -> data.sync(state, request);
      case P9.TXATTRWALK -> extended.walk(state, request);
      case P9.TXATTRCREATE -> extended.create(request);
      case P9.TLOCK -> locks.lock(state, request);
      case P9.TGETLOCK -> locks.ask(state, request);
      case P9.TSTATFS -> attributes.fileSystem(state, request);
      case P9.TMKNOD -> entries.makeNode(state, request);
      case P9.TRENAME -> entries.rename(state, request);
      case P9.TREMOVE -> remove(state, request);
      default -> -Errno.EOPNOTSUPP;
    };
  }

  /** The fid is the session's no more: nobody else comes to it. */
  private int clunk(CallState state, Request request) {
    Fid fid = request.fid();
    ExtendedAttribute attribute = fid.attribute();
    int result = attribute == null ? 0 : extended.clunk(state, fid.node(), attribute);
    request.closeThem(state);
    context.out.begin();
    return result;
  }

  private int remove(CallState state, Request request) {
    int result = entries.remove(state, request);
    request.closeThem(state);
    return result;
  }
}
