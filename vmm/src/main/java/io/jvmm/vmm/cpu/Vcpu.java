package io.jvmm.vmm.cpu;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.signal.ThreadSignals;
import io.jvmm.memory.GuestMemory;
import io.jvmm.vmm.ExitCounts;
import io.jvmm.vmm.bus.MmioBus;
import io.jvmm.vmm.bus.PortBus;
import io.jvmm.vmm.kvm.KvmExit;
import io.jvmm.vmm.kvm.KvmRun;
import io.jvmm.vmm.kvm.KvmVcpu;

/**
 * One vCPU and the thread that runs it: {@code KVM_RUN}, and the dispatch of what the guest asks
 * for.
 *
 * <p>A kick ends a run from outside with no signal handler: SIGURG is blocked in this thread and
 * unblocked inside {@code KVM_RUN} alone, so it either ends the run that is on or, pending, the
 * next one; the thread then takes it.
 *
 * <p>Threads: {@link #start}, {@link #join} and {@link #close} are the owner's; {@link #kick} is
 * for any thread, this one included.
 */
public final class Vcpu implements AutoCloseable {
  private static final int KICK_SIGNAL = ThreadSignals.SIGURG;
  private static final int NO_THREAD = 0;

  /** The loop needs a few frames; devices a few more. */
  private static final long STACK_BYTES = 256 * 1024;

  private final int index;
  private final KvmVcpu kvm;
  private final PortBus ports;
  private final MmioBus mmio;
  private final GuestMemory memory;
  private final RunGate gate;
  private final VcpuEvents events;
  private final Thread thread;
  private final ExitCounters exits = new ExitCounters();
  private final Object threadIdLock = new Object();

  /** The kernel's id while the thread can be kicked; under {@link #threadIdLock}. */
  private int threadId = NO_THREAD;

  private boolean started;

  /**
   * @param machine a short name, for the thread's
   * @param kvm becomes this object's
   */
  public Vcpu(
      String machine,
      int index,
      KvmVcpu kvm,
      PortBus ports,
      MmioBus mmio,
      GuestMemory memory,
      RunGate gate,
      VcpuEvents events) {
    this.index = index;
    this.kvm = kvm;
    this.ports = ports;
    this.mmio = mmio;
    this.memory = memory;
    this.gate = gate;
    this.events = events;
    this.thread = new Thread(null, new Loop(), machine + " vcpu-" + index, STACK_BYTES);
    this.thread.setDaemon(true);
  }

  /** KVM's side of it, for set-up before {@link #start}. */
  public KvmVcpu kvm() {
    return kvm;
  }

  /** Starts the thread. */
  public void start() {
    started = true;
    thread.start();
  }

  /** Makes the thread leave the guest and look at the gate. */
  public void kick() {
    synchronized (threadIdLock) {
      if (threadId != NO_THREAD) {
        kvm.run().requestExit();
        ThreadSignals.send(threadId, KICK_SIGNAL);
      }
    }
  }

  /** Waits until the thread has ended. */
  public void join() throws InterruptedException {
    if (started) {
      thread.join();
    }
  }

  /** How often it has left the guest so far; any thread. */
  public ExitCounts exitCounts() {
    return exits.snapshot();
  }

  /** Call after {@link #join}. */
  @Override
  public void close() {
    kvm.close();
  }

  private final class Loop implements Runnable {
    @Override
    public void run() {
      CallState state = CallState.current();
      try {
        ThreadSignals.block(KICK_SIGNAL);
        kvm.unblockWhileRunning(KICK_SIGNAL);
        synchronized (threadIdLock) {
          threadId = ThreadSignals.threadId();
        }
        if (gate.pass()) {
          events.firstRun(index);
          loop(state);
        }
      } catch (Throwable bug) {
        failedInJava(bug);
      } finally {
        synchronized (threadIdLock) {
          threadId = NO_THREAD;
        }
      }
    }
  }

  /** Our own bug, or no memory: the machine must hear of it whatever else fails on the way. */
  private void failedInJava(Throwable bug) {
    String what = "jvmm failed: " + bug;
    String report = what;
    try {
      report = CrashReport.of(index, what, kvm, memory);
    } catch (RuntimeException | Error noReport) {
      bug.addSuppressed(noReport);
    } finally {
      events.failed(index, report, bug);
    }
  }

  private void loop(CallState state) {
    KvmRun run = kvm.run();
    while (gate.pass()) {
      long result = kvm.tryRun(state);
      if (result < 0) {
        if (!retry(state, (int) -result)) {
          fail("KVM_RUN: " + Errno.symbol((int) -result));
          return;
        }
        continue;
      }
      switch (run.exitReason()) {
        case KvmExit.IO -> port(run);
        case KvmExit.MMIO -> mmio(run);
        case KvmExit.INTR -> exits.countInterrupted();
        case KvmExit.SHUTDOWN -> {
          events.shutDown(index, report("triple fault (KVM_EXIT_SHUTDOWN)"));
          return;
        }
        default -> {
          fail(KvmExit.name(run.exitReason()));
          return;
        }
      }
    }
  }

  private boolean retry(CallState state, int errno) {
    if (errno == Errno.EINTR) {
      exits.countInterrupted();
      // In this order: a kick that comes between the two leaves its request or its signal for the
      // next run.
      kvm.run().clearExitRequest();
      ThreadSignals.take(state, KICK_SIGNAL);
      return true;
    }
    return errno
        == Errno.EAGAIN; // a CPU that waits for its start-up IPI was woken by something else
  }

  private void port(KvmRun run) {
    int port = run.ioPort();
    int size = run.ioSize();
    int count = run.ioCount();
    if (run.ioIsWrite()) {
      exits.countPortWrite();
      for (int i = 0; i < count; i++) {
        ports.write(port, size, run.ioData(i));
      }
    } else {
      exits.countPortRead();
      for (int i = 0; i < count; i++) {
        run.setIoData(i, ports.read(port, size));
      }
    }
  }

  private void mmio(KvmRun run) {
    long gpa = run.mmioAddress();
    int length = run.mmioLength();
    if (run.mmioIsWrite()) {
      exits.countMmioWrite();
      mmio.write(gpa, length, run.mmioData());
    } else {
      exits.countMmioRead();
      run.setMmioData(mmio.read(gpa, length));
    }
  }

  private void fail(String what) {
    events.failed(index, report(what), null);
  }

  private String report(String what) {
    return CrashReport.of(index, what, kvm, memory);
  }
}
