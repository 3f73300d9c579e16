package io.jvmm.vmm.cli.record;

import io.jvmm.vmm.MachineObserver.Step;

/** The points of a boot, in the order that they are usually reached. */
public enum Phase {
  /** The command was executed. */
  EXEC("exec", "jvmm is executed"),
  /** Java code runs. */
  MAIN("main", "the JVM is up"),
  /** KVM has a machine. */
  VM_CREATED("vmCreated", "KVM opened, machine made"),
  /** Guest RAM is there. */
  MEMORY_MAPPED("memoryMapped", "guest memory mapped"),
  /** Devices are there. */
  DEVICES_ATTACHED("devicesAttached", "devices attached"),
  /** Kernel, initrd and tables are in guest RAM. */
  KERNEL_LOADED("kernelLoaded", "kernel and tables loaded"),
  /** CPUs are there. */
  VCPUS_CREATED("vcpusCreated", "vCPUs made"),
  /** The guest begins to run. */
  FIRST_RUN("firstRun", "first guest instruction"),
  /** The guest's init said that it runs. */
  INIT("init", "guest's init runs"),
  /** The guest's machine ended. */
  END("end", "guest ended");

  private final String key;
  private final String label;

  Phase(String key, String label) {
    this.key = key;
    this.label = label;
  }

  /** Its name in JSON. */
  public String key() {
    return key;
  }

  /** Its name for people. */
  public String label() {
    return label;
  }

  /** The phase that a step of the machine completes. */
  static Phase of(Step step) {
    return switch (step) {
      case VM_CREATED -> VM_CREATED;
      case MEMORY_MAPPED -> MEMORY_MAPPED;
      case DEVICES_ATTACHED -> DEVICES_ATTACHED;
      case KERNEL_LOADED -> KERNEL_LOADED;
      case VCPUS_CREATED -> VCPUS_CREATED;
      case FIRST_RUN -> FIRST_RUN;
      case STOPPED -> END;
    };
  }
}
