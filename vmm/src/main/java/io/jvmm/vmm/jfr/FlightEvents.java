package io.jvmm.vmm.jfr;

import io.jvmm.vmm.DeviceStats;
import io.jvmm.vmm.ExitCounts;
import io.jvmm.vmm.Machine;
import java.util.List;
import jdk.jfr.FlightRecorder;

/**
 * Tells a machine's figures to whatever recordings there are in this JVM, each second and once at
 * the end.
 *
 * <p>Threads: the owner's; Flight Recorder calls on a thread of its own.
 */
public final class FlightEvents implements AutoCloseable {
  private final Machine machine;
  private final Runnable queues = this::tellQueues;
  private final Runnable vcpus = this::tellVcpus;
  private final Thread registration;

  private FlightEvents(Machine machine) {
    this.machine = machine;
    this.registration = new Thread(this::register, machine.config().name() + " flight-events");
    registration.setDaemon(true);
  }

  /** Begins, on another thread: Flight Recorder takes its time to load, and the guest boots. */
  public static FlightEvents start(Machine machine) {
    FlightEvents events = new FlightEvents(machine);
    events.registration.start();
    return events;
  }

  private void register() {
    FlightRecorder.addPeriodicEvent(VirtioQueueEvent.class, queues);
    FlightRecorder.addPeriodicEvent(VcpuExitsEvent.class, vcpus);
  }

  private void tellQueues() {
    String name = machine.config().name();
    for (DeviceStats device : machine.deviceStats()) {
      List<DeviceStats.Queue> stats = device.queues();
      for (int i = 0; i < stats.size(); i++) {
        new VirtioQueueEvent(name, device.name(), i, stats.get(i)).commit();
      }
    }
  }

  private void tellVcpus() {
    String name = machine.config().name();
    List<ExitCounts> counts = machine.exitCounts();
    for (int i = 0; i < counts.size(); i++) {
      new VcpuExitsEvent(name, i, counts.get(i)).commit();
    }
  }

  /** Tells the last figures. To be called when the guest has ended, before its devices go. */
  @Override
  public void close() {
    boolean interrupted = false;
    while (true) {
      try {
        registration.join();
        break;
      } catch (InterruptedException e) {
        interrupted = true; // the hooks must not outlive the machine
      }
    }
    FlightRecorder.removePeriodicEvent(queues);
    FlightRecorder.removePeriodicEvent(vcpus);
    tellQueues();
    tellVcpus();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
