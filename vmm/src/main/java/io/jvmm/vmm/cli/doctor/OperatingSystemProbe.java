package io.jvmm.vmm.cli.doctor;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.memory.GuestMemory;
import io.jvmm.vmm.cpu.CpuEntry;
import io.jvmm.vmm.kvm.CpuidTable;
import io.jvmm.vmm.kvm.Kvm;
import io.jvmm.vmm.kvm.KvmExit;
import io.jvmm.vmm.kvm.KvmRun;
import io.jvmm.vmm.kvm.KvmVcpu;
import io.jvmm.vmm.kvm.KvmVm;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Whether this KVM can run an operating system, found out by behaviour: a guest in long mode takes
 * a breakpoint through its interrupt table and returns from it, as every kernel does while it
 * boots. A KVM made of software that emulates privileged code gives up there.
 */
final class OperatingSystemProbe {
  /**
   * What was found out.
   *
   * @param canRun whether the guest came back
   * @param reason why it did not
   */
  record Verdict(boolean canRun, String reason) {}

  /** The guest is a few instructions; one that takes longer hangs. */
  private static final long TIMEOUT_MILLIS = 5000;

  private OperatingSystemProbe() {}

  /**
   * Runs the guest.
   *
   * @throws io.jvmm.host.SyscallException where KVM refuses the machine
   */
  static Verdict run(Kvm kvm) {
    AtomicReference<@Nullable Verdict> verdict = new AtomicReference<>();
    AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();
    Runnable body =
        () -> {
          try {
            verdict.set(runHere(kvm));
          } catch (RuntimeException e) {
            failure.set(e);
          }
        };
    Thread thread = new Thread(body, "probe");
    thread.setDaemon(true); // a guest that hangs cannot be waited for; it ends with the process
    thread.start();
    try {
      thread.join(TIMEOUT_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    RuntimeException thrown = failure.get();
    if (thrown != null) {
      throw thrown;
    }
    Verdict answer = verdict.get();
    return answer == null ? new Verdict(false, "the guest does not come back") : answer;
  }

  private static Verdict runHere(Kvm kvm) {
    try (GuestMemory memory =
            GuestMemory.allocate(
                ProbePayload.RAM_SIZE,
                ProbePayload.RAM_SIZE,
                2 * ProbePayload.RAM_SIZE,
                GuestMemory.Backing.ANONYMOUS);
        KvmVm vm = kvm.createVm()) {
      vm.setMemory(memory);
      try (KvmVcpu vcpu = vm.createVcpu(0)) {
        try (CpuidTable cpuid = kvm.supportedCpuid()) {
          vcpu.setCpuid(cpuid);
        }
        CpuEntry.enter(vcpu, ProbePayload.write(memory));
        return follow(vcpu);
      }
    }
  }

  private static Verdict follow(KvmVcpu vcpu) {
    String reached = "before its exception";
    CallState state = CallState.current();
    while (true) {
      long result = vcpu.tryRun(state);
      if (result == -Errno.EINTR) {
        continue;
      }
      if (result < 0) {
        return new Verdict(false, "KVM_RUN: " + Errno.symbol((int) -result));
      }
      KvmRun run = vcpu.run();
      boolean isReport =
          run.exitReason() == KvmExit.IO && run.ioPort() == ProbePayload.PORT && run.ioIsWrite();
      if (!isReport) {
        return new Verdict(false, describe(run) + " " + reached);
      }
      switch (run.ioData(0)) {
        case ProbePayload.IDT_LOADED -> reached = "at int3";
        case ProbePayload.IN_HANDLER -> reached = "at iretq";
        default -> {
          return new Verdict(true, "");
        }
      }
    }
  }

  private static String describe(KvmRun run) {
    String name = KvmExit.name(run.exitReason());
    return run.exitReason() == KvmExit.INTERNAL_ERROR
        ? name + ", suberror " + run.suberror() + ","
        : name;
  }
}
