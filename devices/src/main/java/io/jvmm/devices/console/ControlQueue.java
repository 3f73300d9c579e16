package io.jvmm.devices.console;

import io.jvmm.devices.queue.ChainHandler;
import io.jvmm.devices.queue.Counter;
import io.jvmm.devices.queue.ServedQueue;
import io.jvmm.devices.queue.ServedQueues;
import io.jvmm.host.CallState;
import io.jvmm.memory.GuestMemory;
import io.jvmm.virtio.queue.DescriptorChain;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The two control queues (virtio 1.2, 5.3.6.2): {@code le32 id, le16 event, le16 value}. What the
 * driver has yet to be told is a bit a port and kind, so that nothing piles up however often things
 * change or the driver asks.
 *
 * <p>Threads: the device's I/O thread; any for the counter.
 */
final class ControlQueue {
  static final int VIRTIO_CONSOLE_DEVICE_READY = 0;
  static final int VIRTIO_CONSOLE_DEVICE_ADD = 1;
  static final int VIRTIO_CONSOLE_PORT_READY = 3;
  static final int VIRTIO_CONSOLE_PORT_OPEN = 6;
  static final int VIRTIO_CONSOLE_PORT_NAME = 7;

  /** {@code struct virtio_console_control}. */
  static final int MESSAGE_SIZE = 8;

  private static final int ADD = 1;
  private static final int NAME = 2;

  /** Before {@link #OPEN}: a driver hears of the end between two clients, however short. */
  private static final int CLOSED = 4;

  private static final int OPEN = 8;

  private static final int CHAINS_PER_TURN = 32;

  private final Counter ignored = new Counter();
  private final byte[] out = new byte[MESSAGE_SIZE + NamedPort.NAME_MAX];
  private final ByteBuffer outView = ByteBuffer.wrap(out).order(ByteOrder.LITTLE_ENDIAN);
  private final byte[] in = new byte[MESSAGE_SIZE];
  private final ByteBuffer inView = ByteBuffer.wrap(in).order(ByteOrder.LITTLE_ENDIAN);
  private ConsolePort[] ports = {};
  private int[] pending = {};
  private @Nullable ServedQueue toDriver;

  /** All ports of the device; their ids are not their places here. */
  void connect(ConsolePort[] all) {
    ports = all;
    pending = new int[all.length];
  }

  void addQueues(ServedQueues queues) {
    toDriver = queues.add(new ToDriver(), CHAINS_PER_TURN);
    queues.add(new FromDriver(), CHAINS_PER_TURN);
  }

  /** The host's end of a port is open or no longer. */
  void tellOpen(CallState state, ConsolePort port) {
    tellOpen(port);
    send(state);
  }

  private void tellOpen(ConsolePort port) {
    port.setTelling();
    if (port.isHostOpen()) {
      tell(port, 0, OPEN);
    } else {
      tell(port, OPEN, CLOSED);
    }
  }

  private void tell(ConsolePort port, int removed, int added) {
    for (int i = 0; i < ports.length; i++) {
      if (ports[i] == port) {
        pending[i] = (pending[i] & ~removed) | added;
      }
    }
  }

  private void send(CallState state) {
    if (toDriver != null) {
      toDriver.resume(state);
    }
  }

  /** The driver has reset the device. */
  void stop() {
    for (int i = 0; i < pending.length; i++) {
      pending[i] = 0;
    }
  }

  /** Messages of the driver that made no sense. */
  long ignored() {
    return ignored.get();
  }

  private final class ToDriver implements ChainHandler {
    @Override
    public boolean isReady() {
      for (int bits : pending) {
        if (bits != 0) {
          return true;
        }
      }
      return false;
    }

    @Override
    public long serve(CallState state, GuestMemory memory, DescriptorChain chain) {
      int length = compose();
      int written = 0;
      while (written < length && chain.next()) {
        if (chain.isWritable()) {
          int n = (int) Math.min(chain.length(), length - written);
          if (n > 0) {
            memory.write(chain.gpa(), out, written, n);
            written += n;
          }
        }
      }
      return written;
    }
  }

  /** Takes the first message that is pending; answers its length. */
  private int compose() {
    for (int i = 0; i < pending.length; i++) {
      int kind = Integer.lowestOneBit(pending[i]);
      if (kind == 0) {
        continue;
      }
      pending[i] &= ~kind;
      ConsolePort port = ports[i];
      if (port.isTelling() && (pending[i] & (CLOSED | OPEN)) == 0) {
        port.told();
      }
      return switch (kind) {
        case ADD -> message(port, VIRTIO_CONSOLE_DEVICE_ADD, 1);
        case CLOSED -> message(port, VIRTIO_CONSOLE_PORT_OPEN, 0);
        case OPEN -> message(port, VIRTIO_CONSOLE_PORT_OPEN, 1);
        default -> name(port);
      };
    }
    return 0;
  }

  private int message(ConsolePort port, int event, int value) {
    outView.putInt(0, port.id()).putShort(4, (short) event).putShort(6, (short) value);
    return MESSAGE_SIZE;
  }

  private int name(ConsolePort port) {
    byte[] name = port.name().getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(name, 0, out, MESSAGE_SIZE, name.length);
    return message(port, VIRTIO_CONSOLE_PORT_NAME, 1) + name.length;
  }

  private final class FromDriver implements ChainHandler {
    @Override
    public long serve(CallState state, GuestMemory memory, DescriptorChain chain) {
      int length = 0;
      while (length < MESSAGE_SIZE && chain.next() && !chain.isWritable()) {
        int n = (int) Math.min(chain.length(), MESSAGE_SIZE - length);
        if (n > 0) {
          memory.read(chain.gpa(), in, length, n);
          length += n;
        }
      }
      if (chain.isBroken()) {
        return 0;
      }
      if (length < MESSAGE_SIZE || !take(state)) {
        ignored.add(1);
      }
      return 0;
    }
  }

  private boolean take(CallState state) {
    int event = inView.getShort(4) & 0xffff;
    boolean value = inView.getShort(6) != 0;
    if (event == VIRTIO_CONSOLE_DEVICE_READY) {
      for (int i = 0; value && i < ports.length; i++) {
        pending[i] |= ADD;
      }
      send(state);
      return true;
    }
    ConsolePort port = find(inView.getInt(0));
    if (port == null) {
      return false;
    }
    switch (event) {
      case VIRTIO_CONSOLE_PORT_READY -> {
        port.setGuestReady(value);
        if (value) {
          tell(port, 0, NAME);
          tellOpen(port);
          send(state);
        }
      }
      case VIRTIO_CONSOLE_PORT_OPEN -> port.setGuestOpen(state, value);
      default -> {
        return false;
      }
    }
    return true;
  }

  private @Nullable ConsolePort find(int id) {
    for (ConsolePort port : ports) {
      if (port.id() == id) {
        return port;
      }
    }
    return null;
  }
}
