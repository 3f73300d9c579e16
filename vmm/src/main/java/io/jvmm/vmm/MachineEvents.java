package io.jvmm.vmm;

import io.jvmm.devices.GuestEvents;
import io.jvmm.devices.io.IoErrorListener;
import io.jvmm.devices.serial.ConsoleListener;
import io.jvmm.host.SyscallException;
import io.jvmm.vmm.MachineEnd.Cause;
import io.jvmm.vmm.MachineObserver.Step;
import io.jvmm.vmm.cpu.VcpuEvents;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Where everything that happens in a machine comes together: what devices and vCPUs report becomes
 * the machine's end or its observer's news.
 *
 * <p>Threads: vCPU threads and the io thread; nothing here waits.
 */
final class MachineEvents implements VcpuEvents, GuestEvents, ConsoleListener, IoErrorListener {
  private final MachineObserver observer;

  /**
   * Null until the builder has made the machine; nothing of what is here happens before it runs,
   * but for an I/O error.
   */
  private final AtomicReference<Machine> machine = new AtomicReference<>();

  MachineEvents(MachineObserver observer) {
    this.observer = observer;
  }

  void connect(Machine built) {
    machine.set(built);
  }

  private void end(Cause cause, String detail) {
    Machine m = machine.get();
    if (m != null) {
      m.end(new MachineEnd(cause, detail));
    }
  }

  @Override
  public void firstRun(int vcpu) {
    if (vcpu == 0) {
      observer.step(Step.FIRST_RUN, System.nanoTime());
    }
  }

  @Override
  public void shutDown(int vcpu, String report) {
    end(Cause.CRASHED, report);
  }

  @Override
  public void failed(int vcpu, String report) {
    end(Cause.FAILED, report);
  }

  @Override
  public void powerOff() {
    end(Cause.POWERED_OFF, "");
  }

  @Override
  public void reset() {
    end(Cause.REBOOTED, "");
  }

  @Override
  public void panicked() {
    end(Cause.PANICKED, "");
  }

  @Override
  public void milestone(int number) {
    observer.milestone(number, System.nanoTime());
  }

  @Override
  public void line(String text) {
    observer.consoleLine(text, System.nanoTime());
  }

  @Override
  public void quit() {
    end(Cause.STOPPED, "");
  }

  @Override
  public void outputFailed(SyscallException cause) {
    observer.consoleLost(cause.toString());
  }

  @Override
  public void ioFailed(String what, Throwable cause) {
    end(Cause.FAILED, what + ": " + cause);
  }
}
