package io.jvmm.devices.net;

import io.jvmm.devices.io.IoLoop;
import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.SyscallException;
import io.jvmm.host.epoll.Epoll;
import io.jvmm.host.net.Tap;
import io.jvmm.memory.IovecArray;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A tap of the host: one descriptor a pair of queues. The kernel puts the header that a driver
 * expects in front of each frame, and looks at the one that a driver has put there.
 *
 * <p>Threads: as {@link NetBackend} says.
 */
public final class TapBackend implements NetBackend {
  /** Both directions, each change an edge: nobody tells epoll when to look. */
  private static final int WATCHED = Epoll.EPOLLIN | Epoll.EPOLLOUT | Epoll.EPOLLET;

  private static final int CSUM_TSO =
      Tap.TUN_F_CSUM | Tap.TUN_F_TSO4 | Tap.TUN_F_TSO6 | Tap.TUN_F_TSO_ECN;

  private static final int USO = Tap.TUN_F_USO4 | Tap.TUN_F_USO6;

  private final String name;
  private final Tap[] queues;
  private final int mtu;
  private final long offloads;
  private @Nullable IoLoop loop;
  private @Nullable NetEvents events;

  /** Queues from 0 up to this are attached and watched. */
  private int attached;

  private boolean isGone;

  private TapBackend(String name, List<Tap> queues, int mtu) {
    this.name = name;
    this.queues = queues.toArray(new Tap[0]);
    this.mtu = mtu;
    this.offloads = probeOffloads();
  }

  /**
   * Opens a tap that is there, with so many queues.
   *
   * @throws NetException where it is not to be had, saying what to do
   * @throws SyscallException where the host refuses something else
   */
  public static TapBackend open(String name, int queueCount) {
    String what = "tap " + name;
    if (!Tap.isName(name)) {
      throw new NetException(what, "is no name for an interface (1 to 15 characters)");
    }
    List<Tap> queues = new ArrayList<>();
    try {
      int mtu = Tap.mtu(name);
      for (int i = 0; i < queueCount; i++) {
        queues.add(openQueue(name, queueCount > 1));
      }
      return new TapBackend(what, queues, mtu);
    } catch (SyscallException e) {
      closeAll(queues);
      throw isDevice(e) ? deviceRefused(what, e) : tapRefused(name, queueCount, e);
    }
  }

  /** A tap that was made for several queues can be opened for one, by the same flag. */
  private static Tap openQueue(String name, boolean severalQueues) {
    try {
      return Tap.open(name, severalQueues);
    } catch (SyscallException e) {
      if (severalQueues || !e.is(Errno.EINVAL)) {
        throw e;
      }
      return Tap.open(name, true);
    }
  }

  private static boolean isDevice(SyscallException e) {
    return e.on().equals("/dev/net/tun");
  }

  private static RuntimeException deviceRefused(String what, SyscallException e) {
    return switch (e.errno()) {
      case Errno.EPERM, Errno.EACCES ->
          new NetException(
              what, "needs /dev/net/tun, which this user may not open: chmod 666 /dev/net/tun");
      case Errno.ENOENT, Errno.ENXIO, Errno.ENODEV ->
          new NetException(what, "needs /dev/net/tun, which this host has not: modprobe tun");
      default -> e;
    };
  }

  private static RuntimeException tapRefused(String name, int queueCount, SyscallException e) {
    String what = "tap " + name;
    String several = queueCount > 1 ? " multi_queue" : "";
    String making = "make it with ip tuntap add dev " + name + " mode tap user USER" + several;
    return switch (e.errno()) {
      case Errno.ENODEV -> new NetException(what, "is not there: " + making);
      case Errno.EBUSY -> new NetException(what, "is in use by another process");
      case Errno.E2BIG ->
          new NetException(what, "has no " + queueCount + " queues to spare: others use them");
      case Errno.EPERM, Errno.EACCES -> new NetException(what, "is not this user's: " + making);
      case Errno.EINVAL ->
          queueCount > 1
              ? new NetException(what, "was not made for several queues: " + making)
              : new NetException(what, "is an interface of another kind");
      default -> e;
    };
  }

  /**
   * Takes queues of a tap that this process was given; the descriptors stay the caller's.
   *
   * @throws NetException where one is no tap's, or that of one without virtio headers
   * @throws SyscallException where the host refuses something else
   */
  public static TapBackend inherited(int... numbers) {
    List<Tap> queues = new ArrayList<>();
    String what = "tap fd " + numbers[0];
    try {
      for (int number : numbers) {
        what = "tap fd " + number;
        Tap queue = Tap.inherited(number);
        queues.add(queue);
        if (numbers.length > 1 && !queue.hasSeveralQueues()) {
          throw new NetException(what, "was not opened with IFF_MULTI_QUEUE, for several queues");
        }
      }
      return new TapBackend("tap fd " + numbers[0], queues, 0);
    } catch (NetException e) {
      closeAll(queues);
      throw e;
    } catch (SyscallException e) {
      closeAll(queues);
      throw switch (e.errno()) {
        case Errno.EBADF -> new NetException(what, "is not open");
        case Errno.EBADFD, Errno.ENOTTY -> new NetException(what, "is no tap");
        case Errno.EINVAL ->
            new NetException(
                what, "was not opened with IFF_TAP, IFF_NO_PI and IFF_VNET_HDR, as it must be");
        default -> e;
      };
    }
  }

  private static void closeAll(List<Tap> queues) {
    for (int i = queues.size() - 1; i >= 0; i--) {
      queues.get(i).close();
    }
  }

  /** Asks the kernel for what it may not know, and leaves nothing set. */
  private long probeOffloads() {
    CallState state = CallState.current();
    long found = 0;
    if (queues[0].trySetOffloads(state, CSUM_TSO) == 0) {
      found =
          NetFeatures.VIRTIO_NET_F_CSUM
              | NetFeatures.VIRTIO_NET_F_GUEST_CSUM
              | NetFeatures.VIRTIO_NET_F_GUEST_TSO4
              | NetFeatures.VIRTIO_NET_F_GUEST_TSO6
              | NetFeatures.VIRTIO_NET_F_GUEST_ECN
              | NetFeatures.VIRTIO_NET_F_HOST_TSO4
              | NetFeatures.VIRTIO_NET_F_HOST_TSO6
              | NetFeatures.VIRTIO_NET_F_HOST_ECN;
      if (queues[0].trySetOffloads(state, CSUM_TSO | USO) == 0) {
        found |=
            NetFeatures.VIRTIO_NET_F_GUEST_USO4
                | NetFeatures.VIRTIO_NET_F_GUEST_USO6
                | NetFeatures.VIRTIO_NET_F_HOST_USO;
      }
    }
    queues[0].trySetOffloads(state, 0);
    return found;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int maxQueuePairs() {
    return queues.length;
  }

  @Override
  public boolean hasHeader() {
    return true;
  }

  @Override
  public long offloads() {
    return offloads;
  }

  @Override
  public int mtu() {
    return mtu;
  }

  @Override
  public void attach(IoLoop newLoop, NetEvents newEvents) {
    loop = newLoop;
    events = newEvents;
    attached = queues.length; // as they were opened
    for (int pair = 0; pair < queues.length; pair++) {
      watch(newLoop, pair);
    }
    setQueuePairs(1);
  }

  private void watch(IoLoop on, int pair) {
    on.register(queues[pair].fd(), WATCHED, (state, ready) -> ready(state, pair, ready));
  }

  private void ready(CallState state, int pair, int ready) {
    NetEvents told = events;
    if (told == null || isGone) {
      return;
    }
    if ((ready & (Epoll.EPOLLERR | Epoll.EPOLLHUP)) != 0) {
      gone(state);
      return;
    }
    if ((ready & Epoll.EPOLLIN) != 0) {
      told.receivable(state, pair);
    }
    if ((ready & Epoll.EPOLLOUT) != 0) {
      told.sendable(state, pair);
    }
  }

  /** Deleted, by somebody who may. Its descriptors would be ready for ever. */
  private void gone(CallState state) {
    NetEvents told = events;
    if (told == null || isGone) {
      return;
    }
    isGone = true;
    unwatchAll();
    told.gone(state, "the tap is gone");
  }

  private void unwatchAll() {
    IoLoop on = loop;
    if (on != null) {
      for (Tap queue : queues) {
        on.unregister(queue.fd());
      }
    }
  }

  @Override
  public boolean setQueuePairs(int count) {
    IoLoop on = loop;
    if (on == null || isGone) {
      return true; // no frame comes or goes, over however many
    }
    CallState state = CallState.current();
    int before = attached;
    boolean done = true;
    while (done && attached < count) {
      done = attachNext(state, on);
    }
    int wanted = done ? count : before;
    while (attached > wanted) {
      Tap queue = queues[attached - 1];
      if (queue.trySetAttached(state, false) < 0) {
        return false; // it goes on getting frames, which a driver may find odd, and no more
      }
      on.unregister(queue.fd());
      attached--;
    }
    return done;
  }

  private boolean attachNext(CallState state, IoLoop on) {
    Tap queue = queues[attached];
    if (queue.trySetAttached(state, true) < 0) {
      return false;
    }
    try {
      watch(on, attached);
    } catch (SyscallException shortage) { // ENOSPC: epoll may watch no more
      queue.trySetAttached(state, false);
      return false;
    }
    attached++;
    return true;
  }

  @Override
  public void setGuestOffloads(long features) {
    int bits = 0;
    if ((features & NetFeatures.VIRTIO_NET_F_GUEST_CSUM)
        != 0) { // without it there is none (5.1.3.1)
      bits = Tap.TUN_F_CSUM;
      bits |= bit(features, NetFeatures.VIRTIO_NET_F_GUEST_TSO4, Tap.TUN_F_TSO4);
      bits |= bit(features, NetFeatures.VIRTIO_NET_F_GUEST_TSO6, Tap.TUN_F_TSO6);
      bits |= bit(features, NetFeatures.VIRTIO_NET_F_GUEST_ECN, Tap.TUN_F_TSO_ECN);
      long uso = NetFeatures.VIRTIO_NET_F_GUEST_USO4 | NetFeatures.VIRTIO_NET_F_GUEST_USO6;
      bits |= (features & uso) == uso ? USO : 0; // the kernel has both or none
    }
    queues[0].trySetOffloads(CallState.current(), bits); // refused where the tap is gone
  }

  private static int bit(long features, long feature, int bit) {
    return (features & feature) != 0 ? bit : 0;
  }

  @Override
  public long tryReceive(CallState state, int pair, IovecArray buffers) {
    if (isGone) {
      return -Errno.EAGAIN;
    }
    long n;
    do {
      n = queues[pair].tryRead(state, buffers.address(), buffers.count());
    } while (n == -Errno.EINTR);
    if (isLost(n)) {
      return NetHeader.SIZE; // so short a frame is dropped, and counted
    }
    if (n < 0 && n != -Errno.EAGAIN) {
      if (pair < attached) { // else the driver uses a queue that it has not asked for
        gone(state);
      }
      return -Errno.EAGAIN;
    }
    return n;
  }

  /**
   * Whether a frame was taken off the tap and could not be handed over: one whose offloads a header
   * cannot say (somebody on the network made it so), no memory, a buffer that cannot be written.
   * The tap is as it was.
   */
  private static boolean isLost(long n) {
    return n == -Errno.EINVAL || n == -Errno.ENOMEM || n == -Errno.EFAULT;
  }

  @Override
  public long trySend(CallState state, int pair, IovecArray frame) {
    long n;
    do {
      n = queues[pair].tryWrite(state, frame.address(), frame.count());
    } while (n == -Errno.EINTR);
    return n;
  }

  @Override
  public void forget(CallState state, int pair) {
    // A frame is read or written at once, or not at all.
  }

  @Override
  public void detach() {
    events = null;
    unwatchAll();
  }

  @Override
  public void close() {
    for (Tap queue : queues) {
      queue.close();
    }
  }
}
