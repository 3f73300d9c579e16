package io.jvmm.devices.vsock;

import static io.jvmm.devices.vsock.GuestDouble.CID;

import io.jvmm.devices.vsock.GuestDouble.Packet;
import io.jvmm.virtio.fuzz.Corpus;
import io.jvmm.virtio.fuzz.FuzzInput;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * A guest that sends packets as the fuzzer says, near to sense or not, while handlers at the host's
 * end write, wait, and end connections.
 *
 * <p>What must hold: nothing is thrown on the loop, every packet of the device is whole and from a
 * port that somebody has used, no more data comes than the guest has said it has room for, a
 * connection that was reset says nothing more, and after a reset of the device none is open.
 */
final class VsockFuzzTest {
  private static final int PORTS = 3;
  private static final int MAX_STEPS = 150;
  private static final Host HOST = new Host();
  private static @Nullable GuestDouble made;

  @Test
  void theCorpusDoesNoHarm() throws IOException {
    Corpus.replay("Vsock", VsockFuzzTest::fuzzerTestOneInput);
  }

  /** The host's end of every connection. */
  private static final class Host implements VsockHandler {
    final List<VsockConnection> open = new CopyOnWriteArrayList<>();

    @Override
    public void opened(VsockConnection connection) {
      open.add(connection);
    }

    @Override
    public void received(VsockConnection connection, ByteBuf data) {
      data.release();
    }

    @Override
    public void closed(VsockConnection connection, boolean reset) {
      open.remove(connection);
    }
  }

  /** What the guest knows of a connection. */
  private static final class Known {
    int room;
    int taken;
    int received;
  }

  private static synchronized GuestDouble guest() {
    GuestDouble guest = made;
    if (guest == null) {
      guest = new GuestDouble(VsockPlaces::none);
      made = guest;
      for (int port = 1; port <= PORTS; port++) {
        guest.device.ports().listen(port, HOST);
      }
    }
    return guest;
  }

  /** The fuzzer's entry. */
  public static void fuzzerTestOneInput(byte[] bytes) {
    FuzzInput input = new FuzzInput(bytes);
    Greeting.port(MemorySegment.ofArray(bytes), Math.min(bytes.length, Greeting.MAX));
    GuestDouble guest = guest();
    guest.start();
    Map<Long, Known> known = new HashMap<>();
    for (int i = 0; i < MAX_STEPS && input.hasMore(); i++) {
      switch (input.below(8)) {
        case 0, 1, 2, 3 -> packet(guest, input, known);
        case 4 -> raw(guest, input);
        case 5, 6 -> host(guest, input);
        default -> take(guest, known);
      }
    }
    take(guest, known);
    guest.test.driver.reset();
    check(guest.test.counter("connections.open") == 0, "a connection outlives a reset");
    check(HOST.open.isEmpty(), "a handler has not heard of the end");
    check(guest.test.failures.isEmpty(), guest.test.failures.toString());
  }

  private static void packet(GuestDouble guest, FuzzInput input, Map<Long, Known> known) {
    int op = input.bool() ? 1 + input.below(7) : GuestDouble.RW;
    int guestPort = input.below(PORTS);
    int hostPort = input.below(8) == 0 ? Mux.FIRST_HOST_PORT + input.below(4) : input.below(5);
    int type = input.below(4) == 0 ? input.below(4) : 1 + (guestPort & 1);
    byte[] data = new byte[op == GuestDouble.RW ? input.u16() % 5000 : 0];
    Known connection = known.computeIfAbsent(key(hostPort, guestPort), port -> new Known());
    if (op == GuestDouble.REQUEST) {
      connection.received = 0; // counts anew, if it is one
      connection.taken = 0;
    }
    connection.taken = input.bool() ? connection.received : connection.taken;
    connection.room = Math.max(connection.room, input.u16());
    guest.send(
        type, op, guestPort, hostPort, input.below(4), connection.room, connection.taken, data);
  }

  private static void raw(GuestDouble guest, FuzzInput input) {
    guest.header(
        input.bool() ? CID : input.i64(),
        input.bool() ? 2 : input.i64(),
        input.below(PORTS),
        input.below(5),
        input.bool() ? input.i32() : input.below(64),
        input.u8(),
        input.u8(),
        input.i32(),
        input.i32(),
        input.i32());
    // Of a connection that is there, nothing is known after this: its counters are not the model's.
    guest.sendRaw(new byte[input.below(64)], 1 + input.below(44));
    guest.start();
  }

  private static void host(GuestDouble guest, FuzzInput input) {
    if (input.below(8) == 0) {
      guest.device.ports().connect(input.below(PORTS), HOST);
      return;
    }
    List<VsockConnection> open = HOST.open;
    int action = input.below(6);
    int length = input.u16() % 9000;
    if (open.isEmpty()) {
      return;
    }
    VsockConnection connection = open.getFirst();
    switch (action) {
      case 0 -> connection.pause();
      case 1 -> connection.resume();
      case 2 -> connection.shutdownOutput();
      case 3 -> connection.close();
      case 4 -> connection.reset();
      default -> {
        ByteBuf data = connection.allocator().heapBuffer(length + 1).writeZero(length + 1);
        if (!connection.tryWrite(data)) {
          data.release();
        }
      }
    }
  }

  private static void take(GuestDouble guest, Map<Long, Known> known) {
    guest.ringBuffers();
    guest.test.settle();
    Packet packet;
    while ((packet = guest.poll()) != null) {
      long key = key(packet.hostPort(), packet.guestPort());
      Known connection = known.computeIfAbsent(key, port -> new Known());
      check(packet.op() >= 1 && packet.op() <= 7, packet.name());
      check(packet.op() == GuestDouble.RW || packet.data().length == 0, packet.name());
      if (packet.op() == GuestDouble.REQUEST) {
        connection.received = 0;
        connection.taken = 0;
      }
      connection.received += packet.data().length;
      check(packet.data().length <= connection.room, "more than there is room for");
    }
  }

  private static long key(int hostPort, int guestPort) {
    return (long) hostPort << 32 | guestPort;
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }
}
