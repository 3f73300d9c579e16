package io.jvmm.vmm.cpu;

import io.jvmm.vmm.kvm.CpuidTable;

/**
 * Makes KVM's list of supported CPUID leaves the answers of one vCPU: its APIC id, and a topology
 * of one socket with one thread a core (Intel SDM vol. 2A, CPUID; AMD APM vol. 3, appendix E).
 */
public final class Cpuid {
  private static final int FEATURES = 0x1;
  private static final int DETERMINISTIC_CACHE = 0x4;
  private static final int EXTENDED_TOPOLOGY = 0xB;
  private static final int EXTENDED_TOPOLOGY_V2 = 0x1F;
  private static final int EXTENDED_FEATURES = 0x8000_0001;
  private static final int AMD_SIZES = 0x8000_0008;
  private static final int AMD_CACHE_TOPOLOGY = 0x8000_001D;
  private static final int AMD_TOPOLOGY = 0x8000_001E;

  private static final int ECX_TSC_DEADLINE = 1 << 24;

  /**
   * Says that there is a hypervisor, whose own leaves then tell of kvmclock; KVM leaves it to us.
   */
  private static final int ECX_HYPERVISOR = 1 << 31;

  /** VMX and SVM stay with the host: nested guests would open much of KVM to a hostile kernel. */
  private static final int ECX_VMX = 1 << 5;

  private static final int EXTENDED_ECX_SVM = 1 << 2;

  private static final int EDX_HTT = 1 << 28;
  private static final int CPUID_FLAG_SIGNIFICANT_INDEX = 1;
  private static final int LEVEL_THREAD = 1;
  private static final int LEVEL_CORE = 2;

  private final int cpus;
  private final int coreIdBits;
  private final boolean tscDeadline;

  /**
   * @param cpus how many vCPUs the machine has
   * @param tscDeadline whether KVM emulates the TSC deadline timer, which it does not list itself
   */
  public Cpuid(int cpus, boolean tscDeadline) {
    this.cpus = cpus;
    this.coreIdBits = Integer.SIZE - Integer.numberOfLeadingZeros(cpus - 1);
    this.tscDeadline = tscDeadline;
  }

  /**
   * Rewrites the leaves that speak of topology for the vCPU with this APIC id; may be called again
   * for the next vCPU.
   */
  public void describe(CpuidTable table, int apicId) {
    boolean hasTopology = false;
    for (int row = 0; row < table.size(); row++) {
      switch (table.function(row)) {
        case FEATURES -> features(table, row, apicId);
        case EXTENDED_FEATURES -> table.setEcx(row, table.ecx(row) & ~EXTENDED_ECX_SVM);
        case DETERMINISTIC_CACHE -> caches(table, row);
        case EXTENDED_TOPOLOGY -> {
          hasTopology = true;
          topology(table, row, apicId);
        }
        case EXTENDED_TOPOLOGY_V2 -> topology(table, row, apicId);
        case AMD_SIZES -> table.setEcx(row, (coreIdBits << 12) | (cpus - 1));
        case AMD_CACHE_TOPOLOGY -> amdCaches(table, row);
        case AMD_TOPOLOGY -> {
          table.setEax(row, apicId);
          table.setEbx(row, apicId); // core id, one thread a core
          table.setEcx(row, 0); // one node
        }
        default -> {} // says nothing of topology
      }
    }
    if (!hasTopology && maxBasicLeaf(table) >= EXTENDED_TOPOLOGY) {
      for (int index = 0; index < 2; index++) {
        topology(table, table.add(EXTENDED_TOPOLOGY, index, CPUID_FLAG_SIGNIFICANT_INDEX), apicId);
      }
    }
  }

  private void features(CpuidTable table, int row, int apicId) {
    int brandAndFlush = table.ebx(row) & 0xFFFF;
    table.setEbx(row, (apicId << 24) | (cpus << 16) | brandAndFlush);
    int ecx = (table.ecx(row) | ECX_HYPERVISOR) & ~(ECX_TSC_DEADLINE | ECX_VMX);
    table.setEcx(row, tscDeadline ? ecx | ECX_TSC_DEADLINE : ecx);
    int edx = table.edx(row) & ~EDX_HTT;
    table.setEdx(row, cpus > 1 ? edx | EDX_HTT : edx);
  }

  private void caches(CpuidTable table, int row) {
    int eax = table.eax(row);
    int type = eax & 0x1F;
    if (type == 0) {
      return;
    }
    int level = (eax >>> 5) & 0x7;
    int sharing = level >= 3 ? cpus - 1 : 0;
    table.setEax(row, (eax & 0x3FFF) | (sharing << 14) | ((cpus - 1) << 26));
  }

  private void amdCaches(CpuidTable table, int row) {
    int eax = table.eax(row);
    int level = (eax >>> 5) & 0x7;
    int sharing = level >= 3 ? cpus - 1 : 0;
    table.setEax(row, (eax & 0x3FFF) | (sharing << 14));
  }

  private void topology(CpuidTable table, int row, int apicId) {
    int index = table.index(row);
    int type = index == 0 ? LEVEL_THREAD : index == 1 ? LEVEL_CORE : 0;
    table.setEax(row, index == 1 ? coreIdBits : 0);
    table.setEbx(row, index == 0 ? 1 : index == 1 ? cpus : 0);
    table.setEcx(row, (type << 8) | index);
    table.setEdx(row, apicId);
  }

  private static int maxBasicLeaf(CpuidTable table) {
    for (int row = 0; row < table.size(); row++) {
      if (table.function(row) == 0) {
        return table.eax(row);
      }
    }
    return 0;
  }
}
