package io.jvmm.vmm.kvm;

import io.jvmm.host.Errno;
import io.jvmm.host.Fd;
import io.jvmm.host.Ioctl;
import io.jvmm.host.SyscallException;
import io.jvmm.host.file.OpenFile;
import io.jvmm.vmm.KvmUnavailableException;

/**
 * {@code /dev/kvm}: the host's KVM itself.
 *
 * <p>Threads: any.
 */
public final class Kvm implements AutoCloseable {
  /** Where KVM is on every Linux. */
  public static final String DEVICE = "/dev/kvm";

  private final OpenFile device;

  private Kvm(OpenFile device) {
    this.device = device;
  }

  /**
   * Opens KVM and checks its version.
   *
   * @throws KvmUnavailableException where there is none, it may not be opened, or it speaks another
   *     version; the text says what to do
   */
  public static Kvm open() {
    return open(DEVICE);
  }

  static Kvm open(String path) {
    Kvm kvm = new Kvm(openDevice(path));
    try {
      long version = Ioctl.call(kvm.fd(), "KVM_GET_API_VERSION", KvmAbi.KVM_GET_API_VERSION, 0);
      if (version != KvmAbi.API_VERSION) {
        throw new KvmUnavailableException(
            path + " speaks KVM API version " + version + ", jvmm needs " + KvmAbi.API_VERSION);
      }
      return kvm;
    } catch (SyscallException e) {
      kvm.close();
      throw new KvmUnavailableException(path + " is not KVM: " + e.getMessage());
    } catch (RuntimeException e) {
      kvm.close();
      throw e;
    }
  }

  private static OpenFile openDevice(String path) {
    try {
      return OpenFile.forWriting(path);
    } catch (SyscallException e) {
      if (e.is(Errno.ENOENT) || e.is(Errno.ENODEV) || e.is(Errno.ENXIO)) {
        throw new KvmUnavailableException(
            "no "
                + path
                + ": turn virtualization on in the firmware and load kvm_intel or kvm_amd"
                + " (in a virtual machine: nested virtualization)");
      }
      if (e.is(Errno.EACCES) || e.is(Errno.EPERM)) {
        throw new KvmUnavailableException(
            "no permission to open "
                + path
                + ": add the user to its group (usermod -aG kvm USER) and log in again");
      }
      throw new KvmUnavailableException(e.call() + " on " + path + ": " + Errno.symbol(e.errno()));
    }
  }

  /** The descriptor; it stays this object's. */
  public Fd fd() {
    return device.fd();
  }

  /**
   * What {@code KVM_CHECK_EXTENSION} says: 0 is no, 1 is yes, more is a number with a meaning of
   * its own.
   */
  public int check(KvmCap capability) {
    return (int)
        Ioctl.call(fd(), "KVM_CHECK_EXTENSION", KvmAbi.KVM_CHECK_EXTENSION, capability.number());
  }

  /**
   * Asks for a capability that a machine cannot be without.
   *
   * @throws KvmUnavailableException where KVM lacks it
   */
  public void require(KvmCap capability) {
    if (check(capability) == 0) {
      throw new KvmUnavailableException(
          "this KVM lacks KVM_CAP_" + capability.name() + " (" + capability.meaning() + ")");
    }
  }

  /** Makes an empty machine. */
  public KvmVm createVm() {
    // A signal makes KVM_CREATE_VM fail with EINTR on a busy host; it has done nothing then.
    while (true) {
      try {
        long vm = Ioctl.call(fd(), "KVM_CREATE_VM", KvmAbi.KVM_CREATE_VM, 0);
        return new KvmVm(new Fd((int) vm, "vm"), vcpuMapSize());
      } catch (SyscallException e) {
        if (!e.is(Errno.EINTR)) {
          throw e;
        }
      }
    }
  }

  private long vcpuMapSize() {
    return Ioctl.call(fd(), "KVM_GET_VCPU_MMAP_SIZE", KvmAbi.KVM_GET_VCPU_MMAP_SIZE, 0);
  }

  /** The CPUID leaves that this KVM can give a guest. The caller closes it. */
  public CpuidTable supportedCpuid() {
    CpuidTable table = new CpuidTable();
    try {
      Ioctl.call(fd(), "KVM_GET_SUPPORTED_CPUID", KvmAbi.KVM_GET_SUPPORTED_CPUID, table.prepare());
      return table;
    } catch (RuntimeException e) {
      table.close();
      throw e;
    }
  }

  @Override
  public void close() {
    device.close();
  }
}
