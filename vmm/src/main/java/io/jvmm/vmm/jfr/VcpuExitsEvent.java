package io.jvmm.vmm.jfr;

import io.jvmm.vmm.ExitCounts;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Period;
import jdk.jfr.StackTrace;

/** How often a vCPU has left its guest since its machine was built; each second, and at the end. */
@Name("io.jvmm.VcpuExits")
@Label("vCPU Exits")
@Description("How often a vCPU has left its guest since its machine was built")
@Category("jvmm")
@Period("1 s")
@StackTrace(false)
@SuppressWarnings("UnusedVariable") // Flight Recorder reads the fields
final class VcpuExitsEvent extends Event {
  @Label("Machine")
  private final String machine;

  @Label("vCPU")
  private final int vcpu;

  @Label("Port Reads")
  private final long portReads;

  @Label("Port Writes")
  private final long portWrites;

  @Label("MMIO Reads")
  private final long mmioReads;

  @Label("MMIO Writes")
  private final long mmioWrites;

  @Label("Kicks")
  private final long interrupted;

  VcpuExitsEvent(String machine, int index, ExitCounts counts) {
    this.machine = machine;
    vcpu = index;
    portReads = counts.portReads();
    portWrites = counts.portWrites();
    mmioReads = counts.mmioReads();
    mmioWrites = counts.mmioWrites();
    interrupted = counts.interrupted();
  }
}
