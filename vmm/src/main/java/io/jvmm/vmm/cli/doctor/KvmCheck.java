package io.jvmm.vmm.cli.doctor;

import io.jvmm.host.SyscallException;
import io.jvmm.vmm.KvmUnavailableException;
import io.jvmm.vmm.cli.doctor.Finding.Level;
import io.jvmm.vmm.kvm.Kvm;
import io.jvmm.vmm.kvm.KvmCap;
import java.util.ArrayList;
import java.util.List;

/** Whether there is a KVM, what it offers, and whether an operating system can run on it. */
final class KvmCheck {
  private KvmCheck() {}

  /** Whether jvmm can boot Linux here. */
  static boolean canBootLinux() {
    for (Finding finding : findings()) {
      if (finding.level() == Level.FAIL) {
        return false;
      }
    }
    return true;
  }

  /** Everything about KVM. */
  static List<Finding> findings() {
    List<Finding> findings = new ArrayList<>();
    try (Kvm kvm = Kvm.open()) {
      findings.add(Finding.ok("kvm", Kvm.DEVICE + " opens, API version 12"));
      findings.add(capabilities(kvm));
      findings.add(timer(kvm));
      findings.add(linux(kvm));
    } catch (KvmUnavailableException e) {
      findings.add(unavailable(String.valueOf(e.getMessage())));
    }
    return findings;
  }

  /** The exception's text is {@code what is so: what to do}. */
  private static Finding unavailable(String text) {
    int colon = text.indexOf(": ");
    return colon < 0
        ? Finding.fail("kvm", text, "")
        : Finding.fail("kvm", text.substring(0, colon), text.substring(colon + 2));
  }

  private static Finding capabilities(Kvm kvm) {
    StringBuilder missing = new StringBuilder();
    for (KvmCap capability : KvmCap.values()) {
      if (capability.isRequired() && kvm.check(capability) == 0) {
        missing.append(missing.isEmpty() ? "lacks " : ", ").append("KVM_CAP_").append(capability);
      }
    }
    if (!missing.isEmpty()) {
      return Finding.fail("features", missing.toString(), "use a newer kernel (5.10 has them all)");
    }
    return Finding.ok(
        "features",
        "all that jvmm needs; up to "
            + kvm.check(KvmCap.MAX_VCPUS)
            + " vCPUs a machine, "
            + kvm.check(KvmCap.NR_VCPUS)
            + " recommended");
  }

  private static Finding timer(Kvm kvm) {
    return kvm.check(KvmCap.TSC_DEADLINE_TIMER) != 0
        ? Finding.ok("timer", "TSC deadline timer")
        : Finding.warn(
            "timer",
            "no TSC deadline timer, so a guest's timers cost more exits",
            "use a kernel and a CPU that have it");
  }

  private static Finding linux(Kvm kvm) {
    OperatingSystemProbe.Verdict verdict;
    try {
      verdict = OperatingSystemProbe.run(kvm);
    } catch (SyscallException e) {
      return Finding.fail(
          "linux",
          "KVM refuses a machine: " + e.getMessage(),
          "see whether another hypervisor holds the CPU, and dmesg");
    }
    return verdict.canRun()
        ? Finding.ok("linux", "a 64-bit guest takes an exception and comes back from it")
        : Finding.fail(
            "linux",
            "this KVM cannot run an operating system: " + verdict.reason(),
            "it emulates privileged code in software; use a host with VT-x or AMD-V, or turn"
                + " nested virtualization on");
  }
}
