package io.jvmm.devices.vsock;

import static io.jvmm.devices.vsock.GuestDouble.BOTH;
import static io.jvmm.devices.vsock.GuestDouble.CREDIT_UPDATE;
import static io.jvmm.devices.vsock.GuestDouble.RST;
import static io.jvmm.devices.vsock.GuestDouble.RW;
import static io.jvmm.devices.vsock.GuestDouble.SHUTDOWN;
import static io.jvmm.devices.vsock.GuestDouble.STREAM;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.devices.vsock.GuestDouble.Packet;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Hundreds of connections whose ends send, read and wait as it comes, beside a model that knows
 * what either side has sent: no byte is lost, made up or moved, no more is sent than there is room
 * for, and whoever closes last gets all that was sent before.
 */
class VsockModelTest {
  private static final int PORT = 7000;
  private static final int CONNECTIONS = 200;
  private static final int STEPS = 30_000;
  private static final int ROOM = 20_000;

  private final Path folder;
  private final Random random = new Random(42);
  private final Map<Integer, Pair> pairs = new HashMap<>();
  private final List<Pair> open = new ArrayList<>();
  private int nextPort = 1;

  VsockModelTest(@TempDir Path folder) {
    this.folder = folder;
  }

  /** Both ends of one connection, and what has gone through. */
  private static final class Pair {
    final int port;
    final SocketChannel peer;
    final CRC32C toHostSent = new CRC32C();
    final CRC32C toHostGot = new CRC32C();
    final CRC32C toGuestSent = new CRC32C();
    final CRC32C toGuestGot = new CRC32C();
    long toHost;
    long toGuest;
    int sent;
    int bufAlloc;
    int fwdCnt;
    int received;
    int taken;
    boolean guestClosed;

    Pair(int port, SocketChannel peer, int bufAlloc) {
      this.port = port;
      this.peer = peer;
      this.bufAlloc = bufAlloc;
    }
  }

  @Test
  void whatGoesInComesOut() throws IOException {
    try (HostDouble host = new HostDouble(folder.resolve("v.sock"));
        GuestDouble guest =
            new GuestDouble(() -> VsockPlaces.unix(folder.resolve("v.sock").toString()))) {
      host.listen(PORT);
      for (int step = 0; step < STEPS; step++) {
        if (open.size() < CONNECTIONS && random.nextInt(20) == 0) {
          connect(host, guest);
        } else if (!open.isEmpty()) {
          step(guest, open.get(random.nextInt(open.size())));
        }
        if (random.nextInt(3) == 0) {
          take(guest);
        }
      }
      while (!open.isEmpty()) {
        finish(guest, open.getLast());
      }
      guest.test.settle();
      assertEquals(0, guest.test.counter("credit.violations"));
      assertEquals(0, guest.test.counter("malformed"));
      assertEquals(0, guest.test.counter("connections.open"));
      assertEquals(0, guest.test.counter("connections.reset"));
    }
  }

  private void connect(HostDouble host, GuestDouble guest) throws IOException {
    int port = nextPort++;
    guest.send(STREAM, GuestDouble.REQUEST, port, PORT, 0, ROOM, 0, new byte[0]);
    SocketChannel peer = host.accept(PORT);
    peer.configureBlocking(false);
    Pair pair = new Pair(port, peer, 0); // until it hears of the other side's room
    pairs.put(port, pair);
    open.add(pair);
  }

  private void step(GuestDouble guest, Pair pair) throws IOException {
    switch (random.nextInt(8)) {
      case 0, 1, 2 -> guestSends(guest, pair, 1 + random.nextInt(9000));
      case 3, 4 -> hostSends(pair, 1 + random.nextInt(9000));
      case 5 -> hostReads(pair, 1 + random.nextInt(20_000));
      case 6 -> guestTakes(guest, pair);
      default -> {
        if (random.nextInt(30) == 0) {
          finish(guest, pair);
        }
      }
    }
  }

  private void guestSends(GuestDouble guest, Pair pair, int wanted) {
    int length = Math.min(wanted, pair.bufAlloc - (pair.sent - pair.fwdCnt));
    if (length <= 0) {
      return;
    }
    byte[] data = new byte[length];
    random.nextBytes(data);
    pair.toHostSent.update(data);
    pair.sent += length;
    guest.send(STREAM, RW, pair.port, PORT, 0, ROOM, pair.taken, data);
  }

  private void hostSends(Pair pair, int length) throws IOException {
    byte[] data = new byte[length];
    random.nextBytes(data);
    int n = pair.peer.write(ByteBuffer.wrap(data));
    pair.toGuestSent.update(data, 0, n);
    pair.toGuest += n;
  }

  private static int hostReads(Pair pair, int length) throws IOException {
    ByteBuffer data = ByteBuffer.allocate(length);
    int n = pair.peer.read(data);
    pair.toHostGot.update(data.array(), 0, Math.max(0, n));
    pair.toHost += Math.max(0, n);
    return n;
  }

  private static void guestTakes(GuestDouble guest, Pair pair) {
    pair.taken = pair.received;
    guest.send(STREAM, CREDIT_UPDATE, pair.port, PORT, 0, ROOM, pair.taken, new byte[0]);
  }

  /** Takes what the device has said so far. */
  private void take(GuestDouble guest) {
    guest.ringBuffers();
    @Nullable Packet packet;
    while ((packet = guest.poll()) != null) {
      take(packet);
    }
  }

  private void take(Packet packet) {
    Pair pair = pairs.get(packet.guestPort());
    assertNotNull(pair, packet.name());
    pair.bufAlloc = packet.bufAlloc();
    pair.fwdCnt = packet.fwdCnt();
    if (packet.op() == RW) {
      pair.received += packet.data().length;
      pair.toGuestGot.update(packet.data());
      assertTrue(pair.received - pair.taken <= ROOM, "more than there is room for");
    } else if (packet.op() == RST) {
      assertTrue(pair.guestClosed, "a reset that nobody asked for");
    }
  }

  /** The host sends no more, the guest takes all of that, then closes, and the host reads all. */
  private void finish(GuestDouble guest, Pair pair) throws IOException {
    pair.peer.shutdownOutput();
    guestTakes(guest, pair);
    while (pair.received < pair.toGuest) {
      take(guest.receive());
      if (pair.received - pair.taken > ROOM / 2) {
        guestTakes(guest, pair);
      }
    }
    assertEquals(pair.toGuestSent.getValue(), pair.toGuestGot.getValue());
    pair.guestClosed = true;
    guest.send(STREAM, SHUTDOWN, pair.port, PORT, BOTH, ROOM, pair.taken, new byte[0]);
    pair.peer.configureBlocking(true);
    while (hostReads(pair, 1 << 16) >= 0) {
      // goes on
    }
    assertEquals(pair.sent, (int) pair.toHost);
    assertEquals(pair.toHostSent.getValue(), pair.toHostGot.getValue());
    pair.peer.close();
    open.remove(pair);
  }
}
