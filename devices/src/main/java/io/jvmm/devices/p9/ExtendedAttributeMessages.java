package io.jvmm.devices.p9;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.tree.NodeName;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Txattrwalk and Txattrcreate, whose fids are then read or written, and what happens to such a fid
 * when it is clunked.
 *
 * <p>Threads: the worker's.
 */
final class ExtendedAttributeMessages {
  private static final int XATTR_REPLACE = 2; // linux/xattr.h

  private final WorkerContext context;

  ExtendedAttributeMessages(WorkerContext context) {
    this.context = context;
  }

  /** Txattrwalk: fid[4] newfid[4] name[s], none for the list of names; Rxattrwalk: size[8]. */
  int walk(CallState state, Request request) {
    MessageReader in = context.in;
    in.u32();
    in.u32();
    boolean fits = in.name(context.name);
    if (in.isBroken() || !fits) {
      return in.isBroken() ? -Errno.EINVAL : -Errno.ENODATA;
    }
    NodeName name = context.name;
    boolean isList = name.length() == 0;
    int error = isList ? 0 : context.ownership.toHost(name, false);
    if (error != 0) {
      return error;
    }
    int node = request.fid().node().fd();
    MemorySegment place = context.place();
    long room = ExtendedAttribute.SIZE_MAX;
    long n =
        isList
            ? context.nodes.tryListAttributes(state, node, place.address(), room)
            : context.nodes.tryGetAttribute(state, node, name, place.address(), room);
    if (n < 0) {
      return (int) n;
    }
    n = isList ? context.ownership.toGuest(place, (int) n) : n;
    byte[] value = place.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE);
    request.setAttribute(ExtendedAttribute.toRead(value));
    request.walked().begin(request.fid().node());
    context.out.begin().u64(n);
    return 0;
  }

  /** Txattrcreate: fid[4] name[s] attr_size[8] flags[4]; the fid becomes the attribute's. */
  int create(Request request) {
    MessageReader in = context.in;
    in.u32();
    boolean fits = in.name(context.name);
    long size = in.u64();
    int flags = in.u32();
    Fid fid = request.fid();
    if (in.isBroken() || fid.isOpen() || fid.attribute() != null || context.name.length() == 0) {
      return -Errno.EINVAL;
    }
    if (context.isReadOnly()) {
      return -Errno.EROFS;
    }
    if (!fits) {
      return -Errno.ERANGE;
    }
    byte[] name = context.name.toBytes();
    int error = context.ownership.toHost(context.name, true);
    if (error != 0) {
      return error;
    }
    if (size < 0 || size > ExtendedAttribute.SIZE_MAX) {
      return -Errno.E2BIG;
    }
    byte[] value = new byte[(int) size];
    request.setAttribute(ExtendedAttribute.toSet(name, value, flags));
    context.out.begin();
    return 0;
  }

  /**
   * The end of such a fid: what was written becomes the file's. Linux asks for an attribute to be
   * removed as to be replaced by no bytes.
   */
  int clunk(CallState state, Node node, ExtendedAttribute attribute) {
    if (!attribute.isForWriting()) {
      return 0;
    }
    context.name.set(attribute.name());
    byte[] value = attribute.value();
    boolean isAccessList = AttributeNames.isAccessList(context.name);
    int error = context.ownership.toHost(context.name, true);
    if (error != 0) {
      return error;
    }
    if (value.length == 0 && (isAccessList || attribute.flags() == XATTR_REPLACE)) {
      error = (int) context.nodes.tryRemoveAttribute(state, node.fd(), context.name);
      return isAccessList && error == -Errno.ENODATA ? 0 : error; // there is none: as is wanted
    }
    MemorySegment place = context.place();
    MemorySegment.copy(value, 0, place, ValueLayout.JAVA_BYTE, 0, value.length);
    return (int)
        context.nodes.trySetAttribute(
            state, node.fd(), context.name, place.address(), value.length, attribute.flags());
  }
}
