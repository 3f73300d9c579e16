package io.jvmm.devices.p9;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.tree.NodeCalls;
import io.jvmm.host.tree.NodeName;
import io.jvmm.virtio.StatsSink;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What the driver has: its fids, and the size of messages that was agreed. Finds for each message
 * the fids it names, deals itself with what needs no system call, and leaves the rest to a worker.
 *
 * <p>Threads: the share's.
 */
final class Session {
  /** The most bytes of a message, and what a driver gets that asks for more. */
  static final int MSIZE_MAX = 1 << 20;

  /** Less than this holds no message of a path. */
  static final int MSIZE_MIN = 4096;

  /** Fids at a time; {@link HeldNodes} bounds their descriptors. */
  static final int FIDS_MAX = 65536;

  /**
   * Of them those of an extended attribute, which may have 64 KiB of this process's memory each.
   */
  static final int ATTRIBUTES_MAX = 64;

  /** {@link #take}: a worker is to deal with it. */
  static final int FOR_A_WORKER = -1;

  private static final byte[] VERSION = "9P2000.L".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] UNKNOWN = "unknown".getBytes(StandardCharsets.US_ASCII);

  private final Share share;
  private final HeldNodes held;
  private final FidTable fids = new FidTable();
  private final MessageReader in = new MessageReader();
  private final MessageWriter out = new MessageWriter(MessageWriter.SMALL);
  private final NodeName name = new NodeName(NodeName.NAME_MAX);
  private int msize = MSIZE_MIN;
  private boolean isOpen;
  private int attributes;

  Session(Share share, int heldMax) {
    this.share = share;
    this.held = new HeldNodes(share, heldMax);
  }

  /** Any thread: what the driver has in hand, or had a moment ago. */
  void report(StatsSink sink) {
    sink.count("fids", fids.count());
    sink.count("files.held", held.count());
  }

  /** Whether {@link #letGo} is to be called, as soon as no worker has a request. */
  boolean holdsTooMany() {
    return held.areTooMany();
  }

  /** Lets files go that were not used for long. */
  void letGo(CallState state) {
    held.letGo(state, fids);
  }

  int msize() {
    return msize;
  }

  /**
   * Deals with a message, or finds what a worker needs for it.
   *
   * @return 0 where the reply is there, or {@link #FOR_A_WORKER}
   */
  int take(CallState state, Request request) {
    int error = begin(request);
    if (error == FOR_A_WORKER) {
      error = holdFiles(state, request);
    }
    if (error != FOR_A_WORKER && error != 0) {
      release(request);
      Reply.error(out, request, error);
      return 0;
    }
    if (error == 0) {
      Reply.send(out, request);
    }
    return error;
  }

  /** What the request is about has to have its descriptor, and what it takes a name from. */
  private int holdFiles(CallState state, Request request) {
    if (request.type() == P9.TCLUNK) {
      return FOR_A_WORKER; // of a file that is open, or an attribute: those are held
    }
    int error = held.hold(state, request.fid().node());
    Fid other = request.otherOrNull();
    if (error == 0 && other != null) {
      error = held.hold(state, other.node());
    }
    if (error != 0) {
      return -error;
    }
    in.begin(request.message(), Math.min(request.copied(), request.size()));
    switch (request.type()) {
      case P9.TUNLINKAT -> {
        in.u32();
        holdNamed(state, request.fid().node());
      }
      case P9.TRENAMEAT -> {
        in.u32();
        holdNamed(state, request.fid().node());
        in.u32();
        holdNamed(state, request.other().node());
      }
      case P9.TRENAME -> {
        in.u64(); // both fids
        holdNamed(state, request.other().node());
        holdOthers(state, request.fid().node());
      }
      case P9.TREMOVE -> holdOthers(state, request.fid().node());
      default -> {}
    }
    return FOR_A_WORKER;
  }

  private void holdNamed(CallState state, Node directory) {
    if (in.name(name)) {
      held.holdNamed(state, directory, name);
    }
  }

  /** Those that have the same name as one whose name goes. */
  private void holdOthers(CallState state, Node node) {
    Node parent = node.parent();
    if (parent != null) {
      name.set(node.name());
      held.holdNamed(state, parent, name);
    }
  }

  /** 0 where the writer has a reply, {@link #FOR_A_WORKER}, or an error number. */
  private int begin(Request request) {
    in.begin(request.message(), Math.min(request.copied(), request.size()));
    int type = request.type();
    if (type == P9.TVERSION) {
      return version();
    }
    if (!isOpen) {
      return Errno.EPROTO;
    }
    if (!Reply.fits(request, P9.replySize(type))) {
      return Errno.EMSGSIZE;
    }
    if (request.size() < P9.HEADER_SIZE + Integer.BYTES) {
      return Errno.EINVAL; // what lies where a fid should is of another message
    }
    int first = request.firstField();
    int second = request.secondField();
    return switch (type) {
      case P9.TATTACH -> attach();
      case P9.TWALK -> walk(request, first, second);
      case P9.TCLUNK, P9.TREMOVE -> end(request, first);
      case P9.TLOPEN, P9.TLCREATE -> use(request, first, true);
      case P9.TXATTRCREATE -> hasAttributesLeft() ? use(request, first, true) : Errno.EMFILE;
      case P9.TXATTRWALK -> hasAttributesLeft() ? useForNew(request, first, second) : Errno.EMFILE;
      case P9.TRENAME, P9.TLINK -> useBoth(request, first, second);
      case P9.TRENAMEAT -> useBoth(request, first, secondDirectory());
      case P9.TAUTH -> Errno.EOPNOTSUPP; // nobody has to
      default -> use(request, first, false);
    };
  }

  private int done() {
    out.begin();
    return 0;
  }

  /** Tversion: msize[4] version[s]; Rversion: the same. Forgets everything that was before. */
  private int version() {
    int wanted = in.u32();
    boolean fits = in.name(name);
    if (in.isBroken()) {
      return Errno.EINVAL;
    }
    forget();
    boolean isKnown = fits && isVersion();
    int offered = Math.clamp(Integer.toUnsignedLong(wanted), 0, MSIZE_MAX);
    if (offered < MSIZE_MIN) {
      return Errno.EMSGSIZE;
    }
    isOpen = isKnown;
    msize = offered;
    byte[] answer = isKnown ? VERSION : UNKNOWN;
    out.begin().u32(msize).u16(answer.length);
    for (byte b : answer) {
      out.u8(b);
    }
    return 0;
  }

  private boolean isVersion() {
    return Arrays.equals(name.toBytes(), VERSION);
  }

  /** Tattach: fid[4] afid[4] uname[s] aname[s] n_uname[4]; Rattach: qid[13]. */
  private int attach() {
    int number = in.u32();
    int afid = in.u32();
    in.skipString();
    boolean fits = in.name(name);
    int uid = in.u32();
    if (in.isBroken()) {
      return Errno.EINVAL;
    }
    if (afid != P9.NOFID) {
      return Errno.EOPNOTSUPP;
    }
    if (!fits || !(name.length() == 0 || name.isRoot())) {
      return Errno.ENOENT; // there is the one tree
    }
    int error = whyNotNew(number);
    if (error == 0) {
      fids.put(new Fid(number, uid, share.root().use()));
      out.begin().qid(share.root().qid());
    }
    return error;
  }

  private int whyNotNew(int number) {
    if (fids.get(number) != null) {
      return Errno.EBADF;
    }
    return fids.count() < FIDS_MAX && !held.areFull() ? 0 : Errno.EMFILE;
  }

  private int use(Request request, int number, boolean alone) {
    Fid fid = fids.get(number);
    if (fid == null) {
      return Errno.EBADF;
    }
    if (!fid.tryUse(alone)) {
      return Errno.EBUSY;
    }
    request.setFid(fid);
    return FOR_A_WORKER;
  }

  private int useBoth(Request request, int number, int second) {
    int error = use(request, number, false);
    if (error != FOR_A_WORKER) {
      return error;
    }
    Fid other = fids.get(second);
    if (other == null || !other.tryUse(false)) {
      return other == null ? Errno.EBADF : Errno.EBUSY; // take() gives the first one back
    }
    request.setOther(other);
    return FOR_A_WORKER;
  }

  private boolean hasAttributesLeft() {
    return attributes < ATTRIBUTES_MAX;
  }

  private int useForNew(Request request, int number, int newNumber) {
    int error = whyNotNew(newNumber);
    if (error != 0) {
      return error;
    }
    request.setNewFid(newNumber);
    return use(request, number, false);
  }

  /** The third field of Trenameat, behind a string. */
  private int secondDirectory() {
    in.u32();
    in.skipString();
    return in.u32();
  }

  /** Twalk: to a new fid, or with the fid itself. One of no steps is done at once. */
  private int walk(Request request, int number, int newNumber) {
    boolean same = number == newNumber;
    int error = same ? use(request, number, true) : useForNew(request, number, newNumber);
    if (error != FOR_A_WORKER) {
      return error;
    }
    request.setNewFid(newNumber);
    Fid fid = request.fid();
    if (same && (fid.isOpen() || fid.attribute() != null)) {
      return Errno.EBUSY;
    }
    in.u64(); // both fids
    int steps = in.u16();
    if (!Reply.fits(request, P9.walkReplySize(steps))) {
      return Errno.EMSGSIZE;
    }
    if (steps > 0 || in.isBroken()) {
      return FOR_A_WORKER;
    }
    if (!same) {
      fids.put(new Fid(newNumber, fid.uid(), fid.node().use()));
    }
    release(request);
    out.begin().u16(0);
    return 0;
  }

  /** Tclunk, Tremove: the number is free at once. A worker closes what is not used any more. */
  private int end(Request request, int number) {
    Fid fid = fids.get(number);
    if (fid == null) {
      return Errno.EBADF;
    }
    fids.remove(fid);
    attributes -= fid.attribute() != null ? 1 : 0;
    boolean isClunk = request.type() == P9.TCLUNK;
    if (fid.isUsed()) {
      fid.setGone(); // with the last request that uses it, all is closed
      return isClunk ? done() : Errno.EBUSY;
    }
    if (isClunk && !fid.isOpen() && fid.attribute() == null) {
      close(fid);
      return done();
    }
    fid.tryUse(true);
    fid.setGone();
    request.setFid(fid);
    if (fid.isOpen()) {
      request.addClosing(fid.open());
      fid.setClosed();
    }
    return FOR_A_WORKER;
  }

  /** A worker has dealt with a message: what it found becomes the driver's. */
  void finish(Request request) {
    Node node = request.walked().toNode(held);
    if (node != null) {
      install(request, node);
    }
    ExtendedAttribute attribute = request.attribute();
    if (request.type() == P9.TXATTRCREATE && attribute != null && !request.fid().isGone()) {
      request.fid().setAttribute(attribute);
      attributes++;
    }
    release(request);
  }

  private void install(Request request, Node node) {
    Fid fid = request.fid();
    ExtendedAttribute attribute = request.attribute();
    switch (request.type()) {
      case P9.TLCREATE -> become(fid, node);
      case P9.TWALK, P9.TXATTRWALK -> {
        int number = request.newFid();
        if (number == fid.number()) {
          become(fid, node);
        } else if (fids.get(number) == null) {
          Fid made = new Fid(number, fid.uid(), node);
          if (attribute != null) {
            made.setAttribute(attribute);
            attributes++;
          }
          fids.put(made);
        } else {
          node.release(this::close); // two walks to one fid at once: the first has it
        }
      }
      default -> node.release(this::close);
    }
  }

  private void become(Fid fid, Node node) {
    Node before = fid.node();
    fid.setNode(node);
    before.release(this::close);
  }

  private void release(Request request) {
    release(request.fidOrNull());
    release(request.otherOrNull());
    request.forgetFids();
  }

  private void release(@Nullable Fid fid) {
    if (fid != null && fid.endUse() && fid.isGone()) {
      close(fid);
    }
  }

  private void close(Fid fid) {
    if (fid.locks() != null) {
      share.locks().forget(CallState.current(), fid);
    }
    if (fid.isOpen()) {
      NodeCalls.close(CallState.current(), fid.open());
      fid.setClosed();
    }
    fid.node().release(this::close);
  }

  private void close(Node node) {
    if (node.isRoot()) {
      return; // the share's
    }
    held.remove(CallState.current(), node);
  }

  /** Every fid is gone: a new version was agreed, or the driver has reset the device. */
  void forget() {
    fids.clear(
        fid -> {
          if (fid.isUsed()) {
            fid.setGone();
          } else {
            close(fid);
          }
        });
    isOpen = false;
    attributes = 0;
    msize = MSIZE_MIN;
  }
}
