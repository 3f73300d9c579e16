package io.jvmm.vmm.kvm;

/**
 * Exit reasons of {@code KVM_RUN} ({@code linux/kvm.h}, KVM_EXIT_*): ints, because a switch on them
 * is on the hot path.
 */
public final class KvmExit {
  public static final int UNKNOWN = 0;
  public static final int EXCEPTION = 1;
  public static final int IO = 2;
  public static final int HLT = 5;
  public static final int MMIO = 6;
  public static final int SHUTDOWN = 8;
  public static final int FAIL_ENTRY = 9;
  public static final int INTR = 10;
  public static final int INTERNAL_ERROR = 17;
  public static final int SYSTEM_EVENT = 24;

  /** {@code kvm_run.internal.suberror}: an instruction that KVM cannot emulate. */
  public static final int SUBERROR_EMULATION = 1;

  private KvmExit() {}

  /** The name in the header, or the number. */
  public static String name(int reason) {
    return switch (reason) {
      case UNKNOWN -> "KVM_EXIT_UNKNOWN";
      case EXCEPTION -> "KVM_EXIT_EXCEPTION";
      case IO -> "KVM_EXIT_IO";
      case HLT -> "KVM_EXIT_HLT";
      case MMIO -> "KVM_EXIT_MMIO";
      case SHUTDOWN -> "KVM_EXIT_SHUTDOWN";
      case FAIL_ENTRY -> "KVM_EXIT_FAIL_ENTRY";
      case INTR -> "KVM_EXIT_INTR";
      case INTERNAL_ERROR -> "KVM_EXIT_INTERNAL_ERROR";
      case SYSTEM_EVENT -> "KVM_EXIT_SYSTEM_EVENT";
      default -> "KVM exit " + reason;
    };
  }
}
