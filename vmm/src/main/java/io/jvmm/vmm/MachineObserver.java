package io.jvmm.vmm;

/**
 * Hears of a machine's way from nothing to its end.
 *
 * <p>Threads: called on the thread that it happens on: the builder's, a vCPU's or an I/O thread;
 * must return quickly and never throw.
 */
public interface MachineObserver {
  /** Hears nothing. */
  MachineObserver NONE = new MachineObserver() {};

  /** A step of the way. */
  enum Step {
    /** Guest RAM is mapped. */
    MEMORY_MAPPED,
    /** Kernel, initrd and tables are in it. */
    KERNEL_LOADED,
    /** {@code /dev/kvm} is open and has a machine with that memory. */
    VM_CREATED,
    /** The devices are there. */
    DEVICES_ATTACHED,
    /** The vCPUs are made and set up. */
    VCPUS_CREATED,
    /** The first vCPU enters the guest. */
    FIRST_RUN,
    /** Every vCPU and I/O thread has stopped. */
    STOPPED
  }

  /** A step is done, at {@link System#nanoTime()}. */
  default void step(Step step, long nanos) {}

  /** The guest wrote a number to the milestone port; 1 is "init runs". */
  default void milestone(int number, long nanos) {}

  /** The guest wrote a line to the console. */
  default void consoleLine(String line, long nanos) {}

  /** The other side of the console is gone: what the guest writes is lost from now on. */
  default void consoleLost(String why) {}

  /** The server of a network disk is gone, or back; a line for people. */
  default void diskNews(String line) {}

  /** What carries a network device's frames is gone, or back; a line for people. */
  default void netNews(String line) {}

  /** What the owner of a shared folder should know; a line for people. */
  default void shareNews(String line) {}
}
