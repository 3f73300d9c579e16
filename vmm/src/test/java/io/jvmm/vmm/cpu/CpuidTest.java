package io.jvmm.vmm.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.jvmm.vmm.kvm.CpuidTable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CpuidTest {
  private static final int TSC_DEADLINE = 1 << 24;
  private static final int HYPERVISOR = 1 << 31;
  private static final int HTT = 1 << 28;

  private final CpuidTable table = new CpuidTable();

  @AfterEach
  void close() {
    table.close();
  }

  private int leaf(int function, int index) {
    return table.add(function, index, 0);
  }

  @Test
  void theFeatureLeafHasTheApicIdAndTheHypervisor() {
    int row = leaf(1, 0);
    table.setEbx(row, 0xFF55_0800); // another CPU's APIC id and count; CLFLUSH size, brand

    new Cpuid(4, false).describe(table, 3);

    assertEquals(0x0304_0800, table.ebx(row));
    assertEquals(HYPERVISOR, table.ecx(row) & HYPERVISOR);
    assertEquals(HTT, table.edx(row) & HTT);
  }

  @Test
  void nestedVirtualizationIsNotOffered() {
    int intel = leaf(1, 0);
    table.setEcx(intel, -1);
    int amd = leaf(0x8000_0001, 0);
    table.setEcx(amd, -1);

    new Cpuid(1, true).describe(table, 0);

    assertEquals(~(1 << 5), table.ecx(intel));
    assertEquals(~(1 << 2), table.ecx(amd));
  }

  @Test
  void oneCpuSaysNothingOfHyperThreading() {
    int row = leaf(1, 0);
    table.setEdx(row, HTT);

    new Cpuid(1, false).describe(table, 0);

    assertEquals(0, table.edx(row) & HTT);
  }

  @Test
  void theTscDeadlineTimerIsThereJustWhereKvmHasIt() {
    int row = leaf(1, 0);

    new Cpuid(1, true).describe(table, 0);
    assertEquals(TSC_DEADLINE, table.ecx(row) & TSC_DEADLINE);

    new Cpuid(1, false).describe(table, 0);
    assertEquals(0, table.ecx(row) & TSC_DEADLINE);
  }

  @ParameterizedTest
  @CsvSource({"1, 0", "2, 1", "3, 2", "4, 2", "5, 3", "32, 5"})
  void theCoreLevelHasEnoughBitsForEveryCpu(int cpus, int bits) {
    int thread = leaf(0xB, 0);
    int core = table.add(0xB, 1, 1);

    new Cpuid(cpus, true).describe(table, cpus - 1);

    assertEquals(0, table.eax(thread));
    assertEquals(1, table.ebx(thread));
    assertEquals(0x100, table.ecx(thread));
    assertEquals(bits, table.eax(core));
    assertEquals(cpus, table.ebx(core));
    assertEquals(0x201, table.ecx(core));
    assertEquals(cpus - 1, table.edx(core));
  }

  @Test
  void aTopologyThatKvmDoesNotListIsAdded() {
    int basic = leaf(0, 0);
    table.setEax(basic, 0x1F);

    new Cpuid(2, true).describe(table, 1);

    assertEquals(3, table.size());
    assertEquals(0xB, table.function(1));
    assertEquals(2, table.ebx(2));

    new Cpuid(2, true).describe(table, 0); // for the next CPU it is there
    assertEquals(3, table.size());
  }

  @Test
  void amdLeavesSayOneThreadACoreAndOneNode() {
    int sizes = leaf(0x8000_0008, 0);
    int topology = leaf(0x8000_001E, 0);
    table.setEbx(topology, 0x0100);
    table.setEcx(topology, 0x0700);

    new Cpuid(4, true).describe(table, 2);

    assertEquals(2 << 12 | 3, table.ecx(sizes));
    assertEquals(2, table.eax(topology));
    assertEquals(2, table.ebx(topology));
    assertEquals(0, table.ecx(topology));
  }

  @Test
  void onlyTheLastCacheIsShared() {
    int first = leaf(4, 0);
    table.setEax(first, 0xFC00_4121); // level 1 data, host's numbers of sharers
    int last = leaf(4, 3);
    table.setEax(last, 0xFC1F_C163); // level 3 unified

    new Cpuid(4, true).describe(table, 0);

    assertEquals(0, table.eax(first) >>> 14 & 0xFFF);
    assertEquals(3, table.eax(last) >>> 14 & 0xFFF);
    assertEquals(3, table.eax(first) >>> 26);
    assertNotEquals(0, table.eax(last) & 0x1F);
  }
}
