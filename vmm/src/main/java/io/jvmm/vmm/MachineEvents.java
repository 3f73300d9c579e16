package io.jvmm.vmm;

import io.jvmm.devices.GuestEvents;
import io.jvmm.devices.io.IoErrorListener;
import io.jvmm.devices.serial.ConsoleListener;
import io.jvmm.host.SyscallException;
import io.jvmm.vmm.MachineEnd.Cause;
import io.jvmm.vmm.MachineObserver.Step;
import io.jvmm.vmm.cpu.VcpuEvents;
import org.jspecify.annotations.Nullable;

/**
 * Where everything that happens in a machine comes together: what devices and vCPUs report becomes
 * the machine's end or its observer's news.
 *
 * <p>Threads: vCPU threads and the io thread; nothing here waits.
 */
final class MachineEvents implements VcpuEvents, GuestEvents, ConsoleListener, IoErrorListener {
  private final MachineObserver observer;

  private final Object lock = new Object();

  // Guarded by lock: an end that comes before there is a machine waits for it.
  private @Nullable Machine machine;
  private @Nullable MachineEnd early;

  MachineEvents(MachineObserver observer) {
    this.observer = observer;
  }

  void connect(Machine built) {
    MachineEnd why;
    synchronized (lock) {
      machine = built;
      why = early;
    }
    if (why != null) {
      built.end(why);
    }
  }

  private void end(MachineEnd why) {
    Machine m;
    synchronized (lock) {
      m = machine;
      if (m == null && early == null) {
        early = why;
      }
    }
    if (m != null) {
      m.end(why);
    }
  }

  private void end(Cause cause) {
    end(new MachineEnd(cause, "", null));
  }

  @Override
  public void firstRun(int vcpu) {
    if (vcpu == 0) {
      observer.step(Step.FIRST_RUN, System.nanoTime());
    }
  }

  @Override
  public void shutDown(int vcpu, String report) {
    end(new MachineEnd(Cause.CRASHED, report, null));
  }

  @Override
  public void failed(int vcpu, String report, @Nullable Throwable bug) {
    end(new MachineEnd(Cause.FAILED, report, bug));
  }

  @Override
  public void powerOff() {
    end(Cause.POWERED_OFF);
  }

  @Override
  public void reset() {
    end(Cause.REBOOTED);
  }

  @Override
  public void panicked() {
    end(Cause.PANICKED);
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
    end(Cause.STOPPED);
  }

  @Override
  public void outputFailed(SyscallException cause) {
    observer.consoleLost(String.valueOf(cause.getMessage()));
  }

  @Override
  public void ioFailed(String what, Throwable cause) {
    end(new MachineEnd(Cause.FAILED, what + ": " + cause, cause));
  }
}
