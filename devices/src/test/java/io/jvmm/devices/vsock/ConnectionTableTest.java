package io.jvmm.devices.vsock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.jvmm.devices.io.IoLoop;
import io.jvmm.host.CallState;
import io.jvmm.memory.IovecArray;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ConnectionTableTest {
  /** Nobody. */
  private static final class NoEnd implements HostEnd {
    @Override
    public void attach(IoLoop loop, Listener listener) {}

    @Override
    public long tryRead(CallState state, IovecArray to) {
      return 0;
    }

    @Override
    public long tryWrite(CallState state, IovecArray from) {
      return 0;
    }

    @Override
    public void shutdownInput(CallState state) {}

    @Override
    public void shutdownOutput(CallState state) {}

    @Override
    public boolean isGone() {
      return false;
    }

    @Override
    public void close(CallState state, boolean reset) {}
  }

  /** No guest. */
  private static final class NoPorts implements HostPorts {
    @Override
    public @Nullable HostEnd connect(CallState call, int port, int guestPort, boolean messages) {
      return null;
    }

    @Override
    public void released() {}
  }

  @Test
  void itHoldsWhatAMapHolds() {
    Random random = new Random(11);
    Map<Long, Connection> model = new HashMap<>();
    ConnectionTable table = new ConnectionTable();
    try (IoLoop loop = IoLoop.start("test", (what, cause) -> {});
        Mux mux = new Mux(3, loop, new NoPorts(), (call, events) -> {})) {
      for (int i = 0; i < 20_000; i++) {
        int hostPort = random.nextInt(40);
        int guestPort = random.nextInt(40);
        long key = (long) hostPort << 32 | guestPort;
        Connection known = model.get(key);
        assertSame(known, table.get(hostPort, guestPort));
        if (known != null) {
          table.remove(known);
          model.remove(key);
        } else {
          Connection added =
              new Connection(
                  mux,
                  hostPort,
                  guestPort,
                  GuestDouble.STREAM,
                  new Credit(1),
                  new NoEnd(),
                  Connection.State.OPEN);
          table.add(added);
          model.put(key, added);
        }
        assertEquals(model.size(), table.size());
      }
      List<Connection> all = new ArrayList<>(model.values());
      for (Connection connection : all) {
        assertSame(connection, table.get(connection.hostPort(), connection.guestPort()));
        table.remove(connection);
        table.remove(connection); // the second time there is nothing to do
      }
      assertEquals(0, table.size());
    }
  }
}
