package io.jvmm.devices.vsock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.jvmm.devices.driver.DeviceUnderTest;
import io.jvmm.virtio.driver.DriverQueue;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A guest's socket driver: sends packets as they are written here, and takes those of the device.
 *
 * <p>Threads: one.
 */
final class GuestDouble implements AutoCloseable {
  static final long CID = 42;
  static final int RX = 0;
  static final int TX = 1;
  static final int STREAM = 1;
  static final int SEQPACKET = 2;
  static final int REQUEST = 1;
  static final int RESPONSE = 2;
  static final int RST = 3;
  static final int SHUTDOWN = 4;
  static final int RW = 5;
  static final int CREDIT_UPDATE = 6;
  static final int CREDIT_REQUEST = 7;
  static final int RCV = 1;
  static final int SEND = 2;
  static final int BOTH = 3;

  /** Room that the guest announces where a test says nothing. */
  static final int ROOM = 256 * 1024;

  private static final int HEADER = 44;
  private static final int RX_BUFFER = 44 + 4096;
  private static final int BUFFERS = 30;

  /** What the queue has room for beside those. */
  private static final int ODD_BUFFERS = 4;

  private static final long RX_DATA = DeviceUnderTest.DATA;
  private static final long RX_ODD = DeviceUnderTest.DATA + 0x80000;
  private static final long TX_DATA = DeviceUnderTest.DATA + 0x100000;
  private static final long TX_SECOND = TX_DATA + 0x100000;

  final DeviceUnderTest test;
  final Vsock device;

  /** A packet of the device. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Packet(
      int hostPort,
      int guestPort,
      int type,
      int op,
      int flags,
      int bufAlloc,
      int fwdCnt,
      byte[] data) {
    String name() {
      return switch (op) {
        case REQUEST -> "REQUEST";
        case RESPONSE -> "RESPONSE";
        case RST -> "RST";
        case SHUTDOWN -> "SHUTDOWN " + flags;
        case RW -> "RW " + data.length;
        case CREDIT_UPDATE -> "CREDIT_UPDATE";
        case CREDIT_REQUEST -> "CREDIT_REQUEST";
        default -> "op " + op;
      };
    }
  }

  private final byte[] bytes = new byte[1 << 17];
  private final ByteBuffer view = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  private final long[] rxAt = new long[64];
  private boolean unrung;
  private int oddBuffers;
  private int oddPosted;

  GuestDouble(Supplier<VsockPlaces> places) {
    Vsock[] made = new Vsock[1];
    test =
        new DeviceUnderTest(
            loop -> {
              made[0] = new Vsock(CID, places.get(), loop);
              return made[0];
            });
    device = present(made[0]);
    start();
  }

  private static <T> T present(@Nullable T value) {
    assertNotNull(value);
    return value;
  }

  /** The driver begins anew. */
  void start() {
    startWithoutBuffers();
    for (int i = 0; i < BUFFERS; i++) {
      post(RX_DATA + (long) i * RX_BUFFER);
    }
    test.ring(RX);
  }

  /** The driver begins without buffers for packets. */
  void startWithoutBuffers() {
    test.start();
    oddBuffers = 0;
  }

  /** Gives the device so many buffers. */
  void postBuffers(int count) {
    for (int i = 0; i < count; i++) {
      post(RX_DATA + (long) i * RX_BUFFER);
    }
    test.ring(RX);
  }

  /**
   * Gives the device one buffer of so many bytes, and waits until it has come back.
   *
   * @return how much of it was used
   */
  long exchangeBuffer(int length) {
    test.queue(RX).chain().write(RX_DATA, length).submit();
    test.exchange(RX);
    return test.queue(RX).reapedLength();
  }

  /**
   * Gives the device a buffer of any size up to 64 KiB, in one piece, if there are not too many.
   */
  void postOdd(int length) {
    if (oddBuffers < ODD_BUFFERS) {
      oddBuffers++;
      long at = RX_ODD + (long) (oddPosted++ % ODD_BUFFERS) * 0x10000; // used in this order
      rxAt[test.queue(RX).chain().write(at, length).submit()] = at;
      unrung = true;
    }
  }

  private static boolean isOdd(long at) {
    return at >= RX_ODD;
  }

  private void post(long at) {
    // Header and data apart, as Linux 6.1 does it.
    int head = test.queue(RX).chain().write(at, HEADER).write(at + HEADER, 4096).submit();
    rxAt[head] = at;
  }

  /** Sends a packet of a stream. */
  void send(int op, int guestPort, int hostPort) {
    send(op, guestPort, hostPort, 0);
  }

  /** Sends a packet of a stream, without data. */
  void send(int op, int guestPort, int hostPort, int flags) {
    send(STREAM, op, guestPort, hostPort, flags, ROOM, 0, new byte[0]);
  }

  /** Sends a packet. */
  void send(
      int type,
      int op,
      int guestPort,
      int hostPort,
      int flags,
      int bufAlloc,
      int fwdCnt,
      byte[] data) {
    header(CID, 2, guestPort, hostPort, data.length, type, op, flags, bufAlloc, fwdCnt);
    sendRaw(data, HEADER);
  }

  /** Writes a header, which the next {@link #sendRaw} sends. */
  void header(
      long srcCid,
      long dstCid,
      int srcPort,
      int dstPort,
      int length,
      int type,
      int op,
      int flags,
      int bufAlloc,
      int fwdCnt) {
    view.putLong(0, srcCid).putLong(8, dstCid).putInt(16, srcPort).putInt(20, dstPort);
    view.putInt(24, length).putShort(28, (short) type).putShort(30, (short) op);
    view.putInt(32, flags).putInt(36, bufAlloc).putInt(40, fwdCnt);
  }

  /** Sends the first bytes of the header with data behind, and waits until it was taken. */
  void sendRaw(byte[] data, int headerBytes) {
    test.memory.write(TX_DATA, bytes, 0, headerBytes);
    DriverQueue.Chain chain = test.queue(TX).chain();
    if (headerBytes > 0) {
      chain.read(TX_DATA, headerBytes);
    }
    if (data.length > 0) {
      test.memory.write(TX_DATA + HEADER, data);
      chain.read(TX_DATA + HEADER, data.length);
    }
    chain.submit();
    test.exchange(TX);
  }

  /** Asks for a connection and sends on it before the device has looked at either packet. */
  void connectAndSend(int guestPort, int hostPort, byte[] data) {
    header(CID, 2, guestPort, hostPort, 0, STREAM, REQUEST, 0, ROOM, 0);
    test.memory.write(TX_SECOND, bytes, 0, HEADER);
    test.queue(TX).chain().read(TX_SECOND, HEADER).submit();
    send(STREAM, RW, guestPort, hostPort, 0, ROOM, 0, data);
    test.awaitUsed(TX);
  }

  /** The next packet of the device; waits for it. */
  Packet receive() {
    while (true) {
      Packet packet = poll();
      if (packet != null) {
        return packet;
      }
      if (unrung) {
        unrung = false;
        test.ring(RX);
      }
      if (!test.queue(RX).waitForUsed()) {
        test.awaitInterrupt();
      }
    }
  }

  /** A packet of the device, or null where there is none. */
  @Nullable Packet poll() {
    DriverQueue queue = test.queue(RX);
    if (!queue.reap()) {
      return null;
    }
    long at = rxAt[queue.reapedHead()];
    int length = (int) queue.reapedLength();
    if (isOdd(at) && length == 0) {
      oddBuffers--;
      return poll(); // it was too small
    }
    test.memory.read(at, bytes, 0, Math.max(HEADER, length));
    assertEquals(2, view.getLong(0));
    assertEquals(CID, view.getLong(8));
    assertEquals(length - HEADER, view.getInt(24));
    byte[] data = new byte[length - HEADER];
    System.arraycopy(bytes, HEADER, data, 0, data.length);
    Packet packet =
        new Packet(
            view.getInt(16),
            view.getInt(20),
            view.getShort(28),
            view.getShort(30),
            view.getInt(32),
            view.getInt(36),
            view.getInt(40),
            data);
    if (isOdd(at)) {
      oddBuffers--;
    } else {
      post(at);
      unrung = true;
    }
    return packet;
  }

  /** Tells the device of the buffers that were given back. */
  void ringBuffers() {
    unrung = false;
    test.ring(RX);
  }

  /** Waits until the device has done all that it can, and asserts that it says nothing. */
  void expectSilence() {
    if (unrung) {
      ringBuffers();
    }
    test.settle();
    Packet packet = poll();
    assertEquals(null, packet == null ? null : packet.name());
  }

  /** The next packet is this one: RST, SHUTDOWN 3, RW 12. */
  Packet expect(String name) {
    Packet packet = receive();
    assertEquals(name, packet.name());
    return packet;
  }

  /** The host sends and receives no more; that it sends no more may be told before. */
  void expectHostGone() {
    Packet packet = receive();
    if (packet.name().equals("SHUTDOWN 2")) {
      packet = receive();
    }
    assertEquals("SHUTDOWN 3", packet.name());
  }

  /** Connects to a port of the host; answers the RESPONSE. */
  Packet connect(int guestPort, int hostPort) {
    send(REQUEST, guestPort, hostPort);
    return expect("RESPONSE");
  }

  @Override
  public void close() {
    test.close();
  }
}
