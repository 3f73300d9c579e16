package io.jvmm.host.net;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.Fd;
import io.jvmm.host.Ioctl;
import io.jvmm.host.Syscall;
import io.jvmm.host.SyscallException;
import io.jvmm.host.internal.Fcntl;
import io.jvmm.host.internal.SyscallNumber;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * One queue of a tap, an Ethernet interface whose other end is this descriptor ({@code
 * Documentation/networking/tuntap.rst}); non-blocking, closed on exec. Each frame has a {@code
 * struct virtio_net_hdr_v1} in front, little-endian.
 *
 * <p>Threads: one thread reads and writes; any changes offloads; the owner closes after both.
 */
public final class Tap implements AutoCloseable {
  /** A frame may have a partial checksum ({@code linux/if_tun.h}). */
  public static final int TUN_F_CSUM = 0x01;

  /** A frame may be a long TCP segment over IPv4. */
  public static final int TUN_F_TSO4 = 0x02;

  /** Over IPv6. */
  public static final int TUN_F_TSO6 = 0x04;

  /** With ECN. */
  public static final int TUN_F_TSO_ECN = 0x08;

  /** A frame may be a long UDP payload to be cut into datagrams, over IPv4; since Linux 6.2. */
  public static final int TUN_F_USO4 = 0x20;

  /** Over IPv6. */
  public static final int TUN_F_USO6 = 0x40;

  /** {@code struct virtio_net_hdr_v1}. */
  public static final int HEADER_SIZE = 12;

  private static final String DEVICE = "/dev/net/tun";

  static final int AF_UNIX = 1; // linux/socket.h
  static final int SOCK_DGRAM = 2; // linux/net.h
  static final int SOCK_CLOEXEC = 0x80000;

  private final Fd fd;

  private Tap(Fd fd) {
    this.fd = fd;
  }

  /**
   * The MTU of a network interface of this process's namespace.
   *
   * @throws SyscallException ENODEV where there is none of that name
   */
  public static int mtu(String name) {
    CallState state = CallState.current();
    long n = Syscall.call(state, SyscallNumber.SOCKET, AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    try (Fd socket = new Fd((int) Syscall.check(n, "socket", name), "interface " + name)) {
      MemorySegment request = request(state, name);
      Ioctl.call(socket, "SIOCGIFMTU", IfTun.SIOCGIFMTU, request.address());
      return request.get(ValueLayout.JAVA_INT, IfTun.IFREQ_MTU);
    }
  }

  /** Whether a text can be an interface's name. */
  public static boolean isName(String name) {
    int length = name.getBytes(StandardCharsets.UTF_8).length;
    return length > 0 && length < IfTun.IFNAMSIZ && name.indexOf('\0') < 0;
  }

  /**
   * Opens a queue of a tap; of one that is not there the kernel makes one that is gone with its
   * last descriptor.
   *
   * @param severalQueues whether there may be more of it; a tap that was made to have several, or
   *     one, is to be opened so
   * @throws SyscallException EBUSY where its queues are in use, EINVAL where it is no tap or has
   *     not that kind of queues, EPERM where it is somebody else's or is to be made
   */
  public static Tap open(String name, boolean severalQueues) {
    CallState state = CallState.current();
    long path = Syscall.path(state, "open", DEVICE);
    int flags = Fcntl.O_RDWR | Fcntl.O_NONBLOCK | Fcntl.O_CLOEXEC;
    long n = Syscall.call(state, SyscallNumber.OPENAT, Fcntl.AT_FDCWD, path, flags, 0);
    Tap tap = new Tap(new Fd((int) Syscall.check(n, "open", DEVICE), "tap " + name));
    try {
      MemorySegment request = request(state, name);
      int kind = IfTun.IFF_TAP | IfTun.IFF_NO_PI | IfTun.IFF_VNET_HDR;
      tap.setFlags(request, severalQueues ? kind | IfTun.IFF_MULTI_QUEUE : kind);
      Ioctl.call(tap.fd, "TUNSETIFF", IfTun.TUNSETIFF, request.address());
      tap.setHeader();
      return tap;
    } catch (RuntimeException e) {
      tap.close();
      throw e;
    }
  }

  /**
   * Takes a queue of a tap that this process was given. It has a descriptor of its own for it; the
   * one that was given stays the caller's. Both are non-blocking from now on.
   *
   * @throws SyscallException EBADF where the descriptor is not open, EBADFD or ENOTTY where it is
   *     no tap's, EINVAL where it is that of an interface without frames or without headers
   *     (IFF_TAP, IFF_VNET_HDR)
   */
  public static Tap inherited(int number) {
    String role = "tap fd " + number;
    Tap tap = new Tap(Fcntl.copy(number, role));
    try {
      int flags = tap.flags(CallState.current());
      int needed = IfTun.IFF_TAP | IfTun.IFF_NO_PI | IfTun.IFF_VNET_HDR;
      if ((flags & needed) != needed) {
        throw new SyscallException("ioctl(TUNGETIFF)", role, Errno.EINVAL);
      }
      Fcntl.setNonBlocking(tap.fd);
      tap.setHeader();
      return tap;
    } catch (RuntimeException e) {
      tap.close();
      throw e;
    }
  }

  private static MemorySegment request(CallState state, String name) {
    MemorySegment request = state.scratch().asSlice(0, IfTun.IFREQ_SIZE).fill((byte) 0);
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    MemorySegment.copy(
        MemorySegment.ofArray(bytes), 0, request, 0, Math.min(bytes.length, IfTun.IFNAMSIZ - 1));
    return request;
  }

  private void setFlags(MemorySegment request, int flags) {
    request.set(ValueLayout.JAVA_SHORT, IfTun.IFREQ_FLAGS, (short) flags);
  }

  private int flags(CallState state) {
    MemorySegment request = request(state, "");
    Ioctl.call(fd, "TUNGETIFF", IfTun.TUNGETIFF, request.address());
    return request.get(ValueLayout.JAVA_SHORT, IfTun.IFREQ_FLAGS) & 0xffff;
  }

  private void setHeader() {
    setNumber("TUNSETVNETHDRSZ", IfTun.TUNSETVNETHDRSZ, HEADER_SIZE);
    setNumber("TUNSETVNETLE", IfTun.TUNSETVNETLE, 1);
  }

  private void setNumber(String name, int request, int value) {
    MemorySegment number = CallState.current().scratch();
    number.set(ValueLayout.JAVA_INT, 0, value);
    Ioctl.call(fd, name, request, number.address());
  }

  /** The descriptor, for epoll. It stays this object's. */
  public Fd fd() {
    return fd;
  }

  /** Whether the interface may have several queues. */
  public boolean hasSeveralQueues() {
    return (flags(CallState.current()) & IfTun.IFF_MULTI_QUEUE) != 0;
  }

  /**
   * What may be in the header of a frame that is read, for the whole interface.
   *
   * @param offloads bits of {@link #TUN_F_CSUM} and so on; those for TCP and UDP only with it
   * @return 0, or {@code -errno}: EINVAL where this kernel does not know one
   */
  public long trySetOffloads(CallState state, int offloads) {
    return Ioctl.tryCall(state, fd.number(), IfTun.TUNSETOFFLOAD, offloads);
  }

  /**
   * Has the interface send this queue frames, or none. What is written to one that is detached goes
   * out all the same.
   *
   * @return 0, or {@code -errno}
   */
  public long trySetAttached(CallState state, boolean attached) {
    MemorySegment request = request(state, "");
    setFlags(request, attached ? IfTun.IFF_ATTACH_QUEUE : IfTun.IFF_DETACH_QUEUE);
    return Ioctl.tryCall(state, fd.number(), IfTun.TUNSETQUEUE, request.address());
  }

  /**
   * Hot: {@code readv(2)}: one frame and its header, cut where it is longer than there is room;
   * {@code -EAGAIN} where there is none, {@code -EBADFD} where the tap is gone.
   */
  public long tryRead(CallState state, long iovecs, int count) {
    return Syscall.call(state, SyscallNumber.READV, fd.number(), iovecs, count);
  }

  /**
   * Hot: {@code writev(2)}: one frame and its header; {@code -EIO} where the interface is down,
   * {@code -EINVAL} where the header is nonsense, {@code -EBADFD} where the tap is gone.
   */
  public long tryWrite(CallState state, long iovecs, int count) {
    return Syscall.call(state, SyscallNumber.WRITEV, fd.number(), iovecs, count);
  }

  @Override
  public void close() {
    fd.close();
  }

  @Override
  public String toString() {
    return fd.toString();
  }
}
