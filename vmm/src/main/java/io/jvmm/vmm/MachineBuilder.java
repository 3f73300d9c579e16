package io.jvmm.vmm;

/** Placeholder so that Machine compiles; replaced in the next commit. */
public final class MachineBuilder {
  private final MachineConfig config;

  MachineBuilder(MachineConfig config) {
    this.config = config;
  }

  /** The config. */
  public MachineConfig config() {
    return config;
  }
}
