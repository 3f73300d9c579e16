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
 * <p>What must hold: nothing is thrown on the loop, every packet of the device is whole, no more
 * data comes than the guest has said it has room for, and after a reset of the device no connection
 * is open.
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

    /** A connection's counters begin at zero; what the guest has room for is the most it said. */
    void begin() {
      taken = 0;
      received = 0;
    }
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
      switch (input.below(12)) {
        case 0, 1, 2, 3 -> packet(guest, input, known);
        case 4 -> raw(guest, input, known);
        case 5, 6 -> host(guest, input);
        case 7 -> connectAndSend(guest, input, known);
        case 8 -> oldCredit(guest, input, known);
        case 9 -> guest.postOdd(input.bool() ? input.below(60) + 1 : input.u16() + 1);
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
    Known connection = known(known, hostPort, guestPort);
    if (op == GuestDouble.REQUEST) {
      take(guest, known); // what was sent before counts for the connection before
      connection.begin();
    }
    connection.taken = input.bool() ? connection.received : connection.taken;
    connection.room = Math.max(connection.room, input.u16());
    guest.send(
        type, op, guestPort, hostPort, input.below(4), connection.room, connection.taken, data);
  }

  private static void connectAndSend(GuestDouble guest, FuzzInput input, Map<Long, Known> known) {
    int guestPort = input.below(PORTS);
    int hostPort = input.below(5);
    take(guest, known);
    Known connection = known(known, hostPort, guestPort);
    connection.begin();
    connection.room = Math.max(connection.room, GuestDouble.ROOM);
    guest.connectAndSend(guestPort, hostPort, new byte[input.below(100)]);
  }

  /** A count of what was taken that is older than the last one, or makes no sense. */
  private static void oldCredit(GuestDouble guest, FuzzInput input, Map<Long, Known> known) {
    int guestPort = input.below(PORTS);
    int hostPort = input.below(5);
    Known connection = known(known, hostPort, guestPort);
    int taken = connection.taken - (input.i32() & Integer.MAX_VALUE);
    int type = 1 + (guestPort & 1);
    int op = GuestDouble.CREDIT_UPDATE;
    guest.send(type, op, guestPort, hostPort, 0, connection.room, taken, new byte[0]);
  }

  private static void raw(GuestDouble guest, FuzzInput input, Map<Long, Known> known) {
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
    known.clear();
  }

  private static void host(GuestDouble guest, FuzzInput input) {
    if (input.below(8) == 0) {
      int port = input.below(PORTS);
      if ((port & 1) == 0) {
        guest.device.ports().connect(port, HOST);
      } else {
        guest.device.ports().connectMessages(port, HOST);
      }
      return;
    }
    guest.test.settle(); // what is open does not depend on who is faster
    List<VsockConnection> open = List.copyOf(HOST.open);
    int action = input.below(6);
    int length = input.u16() % 9000;
    if (open.isEmpty()) {
      return;
    }
    VsockConnection connection = open.get(input.below(open.size()));
    switch (action) {
      case 0 -> connection.pause();
      case 1 -> connection.resume();
      case 2 -> connection.shutdownOutput();
      case 3 -> connection.close();
      case 4 -> connection.reset();
      default -> {
        ByteBuf data = connection.allocator().heapBuffer(length + 1).writeZero(length);
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
      Known connection = known(known, packet.hostPort(), packet.guestPort());
      check(packet.op() >= 1 && packet.op() <= 7, packet.name());
      check(packet.op() == GuestDouble.RW || packet.data().length == 0, packet.name());
      if (packet.op() == GuestDouble.REQUEST) {
        connection.begin();
      }
      connection.received += packet.data().length;
      int held = connection.received - connection.taken;
      check(packet.data().length == 0 || held <= connection.room, "more than there is room for");
    }
  }

  private static Known known(Map<Long, Known> all, int hostPort, int guestPort) {
    return all.computeIfAbsent((long) hostPort << 32 | guestPort, ports -> new Known());
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }
}
