import org.jspecify.annotations.NullMarked;

/** KVM, vCPUs, buses, the machine that wires it all, and the {@code jvmm} command. */
@NullMarked
module io.jvmm.vmm {
  requires transitive io.jvmm.boot;
  requires transitive io.jvmm.devices;
  requires jdk.jfr;
  requires static transitive org.jspecify;

  exports io.jvmm.vmm;
}
