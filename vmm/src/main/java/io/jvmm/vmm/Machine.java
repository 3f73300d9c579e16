package io.jvmm.vmm;

import io.jvmm.devices.balloon.Balloon;
import io.jvmm.devices.balloon.BalloonStatistics;
import io.jvmm.devices.block.Block;
import io.jvmm.devices.net.Net;
import io.jvmm.devices.serial.SerialLine;
import io.jvmm.devices.vsock.Vsock;
import io.jvmm.devices.vsock.VsockPorts;
import io.jvmm.host.CallState;
import io.jvmm.memory.GuestMemory;
import io.jvmm.memory.GuestRegion;
import io.jvmm.virtio.Interrupt;
import io.jvmm.virtio.VirtioTransport;
import io.jvmm.vmm.cpu.RunGate;
import io.jvmm.vmm.cpu.Vcpu;
import io.jvmm.vmm.jfr.FlightEvents;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A virtual machine: built by {@link MachineBuilder}, started once, ended by its guest or its
 * owner, closed by its owner.
 *
 * <p>Threads: every method may be called by any thread, but {@link #close()} by the owner alone,
 * when no other call is on. Nothing of a machine is shared with another one in the same JVM, and
 * nothing is left of it after {@link #close()}: no thread, no descriptor, no mapping.
 */
public final class Machine implements AutoCloseable {
  /** Where a machine is on its way. */
  public enum State {
    /** Built, its guest has not run yet. */
    BUILT,
    /** Its guest runs. */
    RUNNING,
    /** Its guest stands still and can go on. */
    PAUSED,
    /** Its guest will not run again; {@link #await} says why. */
    ENDED,
    /** Gone. */
    CLOSED
  }

  private final MachineConfig config;
  private final MachineObserver observer;
  private final GuestMemory memory;
  private final RunGate gate;
  private final List<Vcpu> vcpus;
  private final SerialLine serialLine;
  private final List<VirtioTransport> virtioDevices;
  private final List<Block> disks;
  private final List<Net> nets;
  private final @Nullable Balloon balloon;
  private final @Nullable Vsock vsock;
  private final Interrupt powerButton;
  private final ArrayDeque<AutoCloseable> owned;

  private final boolean recordsFlight;

  private final Object lock = new Object();
  // Guarded by lock.
  private @Nullable FlightEvents flightEvents;
  private State state = State.BUILT;
  private @Nullable MachineEnd end;

  /**
   * Takes what the builder has made.
   *
   * @param owned closed in this order
   */
  Machine(
      MachineConfig config,
      MachineObserver observer,
      GuestMemory memory,
      RunGate gate,
      List<Vcpu> vcpus,
      SerialLine serialLine,
      List<VirtioTransport> virtioDevices,
      List<Block> disks,
      List<Net> nets,
      @Nullable Balloon balloon,
      @Nullable Vsock vsock,
      Interrupt powerButton,
      boolean recordsFlight,
      ArrayDeque<AutoCloseable> owned) {
    this.config = config;
    this.observer = observer;
    this.memory = memory;
    this.gate = gate;
    this.vcpus = vcpus;
    this.serialLine = serialLine;
    this.virtioDevices = virtioDevices;
    this.disks = disks;
    this.nets = nets;
    this.balloon = balloon;
    this.vsock = vsock;
    this.powerButton = powerButton;
    this.recordsFlight = recordsFlight;
    this.owned = owned;
  }

  /** Begins to build a machine. */
  public static MachineBuilder builder(MachineConfig config) {
    return new MachineBuilder(config);
  }

  /** What it was built from. */
  public MachineConfig config() {
    return config;
  }

  /**
   * Where its RAM lies in this process, so that whoever measures the process can leave it out; good
   * until {@link #close}.
   */
  public List<GuestRegion> memoryRegions() {
    List<GuestRegion> regions = new ArrayList<>();
    for (int i = 0; i < memory.regionCount(); i++) {
      regions.add(memory.region(i));
    }
    return regions;
  }

  /** Where it is on its way. */
  public State state() {
    synchronized (lock) {
      return state;
    }
  }

  /**
   * Lets the guest run.
   *
   * <p>A machine that was stopped before it ran stays so: {@link #await} has the reason.
   *
   * @throws IllegalStateException where it was started before, or is closed
   */
  public void start() {
    synchronized (lock) {
      if (state == State.ENDED) {
        return;
      }
      move(State.BUILT, State.RUNNING);
      for (Vcpu vcpu : vcpus) {
        vcpu.start();
      }
      if (recordsFlight) {
        flightEvents = FlightEvents.start(this);
      }
    }
  }

  /**
   * Stops all vCPUs where they are, and returns when they stand still. Does nothing to a machine
   * that is not running.
   */
  public void pause() throws InterruptedException {
    synchronized (lock) {
      if (state != State.RUNNING) {
        return;
      }
      move(State.RUNNING, State.PAUSED);
      gate.pause();
    }
    kickAll();
    gate.awaitParked(vcpus.size());
  }

  /** Goes on after {@link #pause}. Does nothing to a machine that is not paused. */
  public void resume() {
    synchronized (lock) {
      if (state != State.PAUSED) {
        return;
      }
      move(State.PAUSED, State.RUNNING);
      gate.resume();
    }
  }

  /**
   * Asks the guest to turn itself off, as its power button would. A guest may take its time, or not
   * listen.
   */
  public void pressPowerButton() {
    synchronized (lock) {
      if (state == State.CLOSED) {
        throw new IllegalStateException("machine is closed");
      }
      powerButton.raise(CallState.current());
    }
  }

  /**
   * Plugs the cable of a network device in, or pulls it. The guest sees its link go up or down, and
   * while it is down no frame moves. Where the other end of the cable is gone, it stays down.
   *
   * @param id as {@link NetConfig#id}, or {@code net0} and so on by its place where it has none
   * @throws IllegalArgumentException where the machine has no such network device
   */
  public void setLink(String id, boolean up) {
    List<NetConfig> all = config.virtio().nets();
    for (int i = 0; i < all.size(); i++) {
      if (all.get(i).idAt(i).equals(id)) {
        nets.get(i).setLink(up);
        return;
      }
    }
    throw new IllegalArgumentException("there is no network device '" + id + "'");
  }

  /**
   * Looks how long the host's end of a disk is now, and tells the guest where it has another size:
   * an image or a block device is made longer first, and the guest sees it with this call.
   *
   * @param id as {@link DiskConfig#id}, or {@code disk0} and so on by its place where it has none
   * @return the size in bytes
   * @throws IllegalArgumentException where the machine has no such disk
   * @throws IllegalStateException where it is closed
   * @throws io.jvmm.host.SyscallException where the host does not tell the length
   */
  public long refreshDisk(String id) {
    return disk(id).refresh();
  }

  /**
   * Changes what the guest may ask of a disk, from now on: what waits for its time asks again.
   *
   * @param id as for {@link #refreshDisk}
   * @throws IllegalArgumentException where the machine has no such disk
   * @throws IllegalStateException where it is closed
   * @throws io.jvmm.host.SyscallException where the disk had no limit and the host has no
   *     descriptor left for one
   */
  public void limitDisk(String id, RateLimit rate) {
    disk(id).limit(rate.limiter());
  }

  private Block disk(String id) {
    List<DiskConfig> all = config.allDisks();
    for (int i = 0; i < all.size(); i++) {
      if (DiskOptions.serial(all.get(i), i).equals(id)) {
        return disks.get(i);
      }
    }
    throw new IllegalArgumentException("machine has no disk '" + id + "'");
  }

  /**
   * Asks the guest to give up so much of its memory, which the host gets as far and as fast as the
   * guest can; with less than before, it takes the difference back.
   *
   * @param bytes 0 to the machine's memory, rounded down to 4 KiB
   * @throws IllegalArgumentException where it is not
   * @throws IllegalStateException where the machine has no balloon, or is closed
   */
  public void balloon(long bytes) {
    if (bytes < 0 || bytes > config.memoryBytes()) {
      throw new IllegalArgumentException(
          "balloon of " + bytes + " bytes in a machine of " + config.memoryBytes());
    }
    synchronized (lock) {
      openBalloon().setTarget(bytes);
    }
  }

  /**
   * How much memory the guest says it has given up, in bytes.
   *
   * @throws IllegalStateException where the machine has no balloon, or is closed
   */
  public long balloonSize() {
    synchronized (lock) {
      return openBalloon().size();
    }
  }

  /**
   * Asks the guest for what it says of its memory.
   *
   * @param timeoutMillis how long to wait for its answer
   * @return older ones where it does not answer in time, null where it never did
   * @throws IllegalStateException where the machine has no balloon, or is closed
   */
  public @Nullable BalloonStatistics balloonStatistics(long timeoutMillis)
      throws InterruptedException {
    Balloon open;
    synchronized (lock) {
      open = openBalloon();
    }
    return open.statistics(timeoutMillis);
  }

  /**
   * The host's ports of the guest's socket device, for handlers in this JVM. Who uses them needs
   * {@code io.netty:netty-buffer}.
   *
   * @throws IllegalStateException where the machine has no socket device
   */
  public VsockPorts vsock() {
    Vsock device = vsock;
    if (device == null) {
      throw new IllegalStateException("machine has no vsock");
    }
    return device.ports();
  }

  /** With the lock held. */
  private Balloon openBalloon() {
    Balloon open = balloon;
    if (open == null) {
      throw new IllegalStateException("machine has no balloon");
    }
    if (state == State.CLOSED) {
      throw new IllegalStateException("machine is closed");
    }
    return open;
  }

  /** Ends the guest now, as if its power had been cut. */
  public void stop() {
    end(new MachineEnd(MachineEnd.Cause.STOPPED, "", null));
  }

  /** The machine's end, first one wins; called by vCPU threads too, so it waits for nothing. */
  void end(MachineEnd why) {
    synchronized (lock) {
      if (end != null || state == State.CLOSED) {
        return;
      }
      end = why;
      state = State.ENDED;
      gate.stop();
      lock.notifyAll();
    }
    kickAll();
    for (Block disk : disks) {
      disk.giveUp(); // a vCPU may wait for one, and is waited for
    }
  }

  private void kickAll() {
    for (Vcpu vcpu : vcpus) {
      vcpu.kick();
    }
  }

  /** Waits for the end and for every vCPU to have stopped. */
  public MachineEnd await() throws InterruptedException {
    MachineEnd why;
    synchronized (lock) {
      while (end == null) {
        lock.wait();
      }
      why = end;
    }
    for (Vcpu vcpu : vcpus) {
      vcpu.join();
    }
    return why;
  }

  /** How often each vCPU has left the guest so far. */
  public List<ExitCounts> exitCounts() {
    List<ExitCounts> counts = new ArrayList<>(vcpus.size());
    for (Vcpu vcpu : vcpus) {
      counts.add(vcpu.exitCounts());
    }
    return counts;
  }

  /**
   * What each device has counted so far: the console, then the virtio devices in the order of their
   * slots. Waits for no other thread.
   */
  public List<DeviceStats> deviceStats() {
    List<DeviceStats> stats = new ArrayList<>(1 + virtioDevices.size());
    DeviceStatsCollector console = new DeviceStatsCollector();
    console.count("output.dropped.bytes", serialLine.droppedBytes());
    stats.add(console.stats("console", null));
    for (VirtioTransport transport : virtioDevices) {
      DeviceStatsCollector collector = new DeviceStatsCollector();
      transport.report(collector);
      stats.add(collector.stats(transport.device().name(), transport.problem()));
    }
    return stats;
  }

  /**
   * Whether the guest has a driver for any of its virtio devices, or there is none. That it has not
   * is what a kernel without the right drivers looks like.
   */
  public boolean hasDriver() {
    for (VirtioTransport transport : virtioDevices) {
      if (transport.hasDriver()) {
        return true;
      }
    }
    return virtioDevices.isEmpty();
  }

  private void move(State from, State to) {
    if (state != from) {
      throw new IllegalStateException("machine is " + state + ", not " + from);
    }
    state = to;
  }

  /**
   * Ends the guest where it still runs, waits for its threads, and gives everything back. A second
   * call does nothing.
   */
  @Override
  public void close() {
    stop();
    joinAll();
    FlightEvents events;
    synchronized (lock) {
      if (state == State.CLOSED) {
        return;
      }
      state = State.CLOSED;
      events = flightEvents;
    }
    if (events != null) {
      events.close();
    }
    Cleanup.closeAll(owned);
    observer.step(MachineObserver.Step.STOPPED, System.nanoTime());
  }

  private void joinAll() {
    boolean interrupted = false;
    for (Vcpu vcpu : vcpus) {
      while (true) {
        try {
          vcpu.join();
          break;
        } catch (InterruptedException e) {
          interrupted = true; // a vCPU that was kicked ends soon: memory must not go before it
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
