package io.jvmm.devices.console;

import io.jvmm.devices.io.IoLoop;
import io.jvmm.devices.queue.ChainHandler;
import io.jvmm.devices.queue.ConfigSpace;
import io.jvmm.devices.queue.ServedQueues;
import io.jvmm.host.CallState;
import io.jvmm.memory.GuestMemory;
import io.jvmm.virtio.Features;
import io.jvmm.virtio.QueueSet;
import io.jvmm.virtio.StatsSink;
import io.jvmm.virtio.VirtioDevice;
import io.jvmm.virtio.queue.DescriptorChain;
import java.util.List;

/**
 * A console device with several named ports (virtio 1.2, 5.3). Port 0, which a driver that knows no
 * ports takes for a console, is never added: named ports count from 1.
 *
 * <p>Queues: 0 and 1 of port 0, 2 and 3 control, 4 and 5 of port 1, and so on; of each pair the
 * first is the driver's input.
 *
 * <p>Threads: as {@link VirtioDevice} says; bytes move on the loop's thread.
 */
public final class Console implements VirtioDevice, AutoCloseable {
  /** The most ports: each costs two queues, and with them two event descriptors. */
  public static final int PORTS_MAX = 16;

  static final long VIRTIO_CONSOLE_F_MULTIPORT = 1L << 1;

  private static final int VIRTIO_ID_CONSOLE = 3;
  static final int QUEUE_SIZE = 64;

  /** le16 cols, le16 rows, le32 max_nr_ports, le32 emerg_wr. */
  private static final int CONFIG_SIZE = 12;

  private static final int MAX_NR_PORTS = 4;

  private final IoLoop loop;
  private final ConfigSpace config = new ConfigSpace(CONFIG_SIZE);
  private final ControlQueue control = new ControlQueue();
  private final ConsolePort[] ports;
  private final ServedQueues queues;

  /**
   * Begins to wait at the hosts' ends.
   *
   * @param named 1 to {@value #PORTS_MAX}; their ends become the device's
   * @param loop stays the caller's, who closes it after this
   */
  public Console(List<NamedPort> named, IoLoop loop) {
    if (named.isEmpty() || named.size() > PORTS_MAX) {
      throw new IllegalArgumentException(named.size() + " ports");
    }
    this.loop = loop;
    this.queues = new ServedQueues(loop, new Session());
    this.ports = new ConsolePort[named.size()];
    config.setInt(MAX_NR_PORTS, ports.length + 1);
    queues.add(new Unused(), 1);
    queues.add(new Unused(), 1);
    control.addQueues(queues);
    for (int i = 0; i < ports.length; i++) {
      ports[i] = new ConsolePort(i + 1, named.get(i), loop, control);
      ports[i].addQueues(queues);
    }
    control.connect(ports);
    loop.execute(
        () -> {
          for (ConsolePort port : ports) {
            port.end().attach(loop, port);
          }
        });
  }

  /** Port 0's queues: nobody is there. */
  private static final class Unused implements ChainHandler {
    @Override
    public boolean isReady() {
      return false;
    }

    @Override
    public long serve(CallState state, GuestMemory memory, DescriptorChain chain) {
      return 0;
    }
  }

  /** The driver's coming and going. */
  private final class Session implements ServedQueues.SessionListener {
    @Override
    public void started(CallState state, QueueSet set) {
      forget();
    }

    @Override
    public void stopped() {
      forget();
    }

    private void forget() {
      control.stop();
      for (ConsolePort port : ports) {
        port.stop();
      }
    }
  }

  @Override
  public String name() {
    return "ports"; // the console is the serial line
  }

  @Override
  public int deviceId() {
    return VIRTIO_ID_CONSOLE;
  }

  @Override
  public long deviceFeatures() {
    return Features.VIRTIO_F_VERSION_1 | Features.SPLIT_RING | VIRTIO_CONSOLE_F_MULTIPORT;
  }

  @Override
  public int queueCount() {
    return queues.count();
  }

  @Override
  public int maxQueueSize(int queue) {
    return QUEUE_SIZE;
  }

  @Override
  public long readConfig(int offset, int size) {
    return config.read(offset, size);
  }

  @Override
  public void activate(QueueSet set) {
    queues.activate(set);
  }

  @Override
  public void reset() {
    queues.reset();
  }

  @Override
  public void report(StatsSink sink) {
    for (ConsolePort port : ports) {
      port.report(sink);
    }
    sink.count("control.ignored", control.ignored());
  }

  /**
   * Stops, and closes the hosts' ends. Call after the vCPUs have stopped, before the loop closes.
   */
  @Override
  public void close() {
    reset();
    loop.runAndAwait(
        () -> {
          for (ConsolePort port : ports) {
            port.end().detach();
          }
        });
    for (ConsolePort port : ports) {
      port.close();
    }
  }
}
