package io.jvmm.vmm.kvm;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.jvmm.vmm.kvm.KvmAbi.IrqRouting;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * A machine's routing table of interrupts, the only one who writes it: which global system
 * interrupt is an input of the IOAPIC, and which is a message.
 *
 * <p>GSI n below the count of inputs is input n of the IOAPIC, and of nothing else. KVM's default
 * also raises the first 16 in the 8259s, whose masks are open after a reset: a kernel of a
 * hardware-reduced ACPI machine never programs them, and their vectors would reach it as
 * exceptions.
 *
 * <p>Threads: messages are added by the machine's builder, and routed by any vCPU thread; the table
 * is written under a lock. KVM waits for its own readers when it takes a new table, tens of
 * microseconds, so that a message is routed when a driver sets an interrupt up, never on a hot
 * path.
 */
public final class GsiRouting {
  private final KvmVm vm;
  private final int ioapicInputs;

  private final Object lock = new Object();
  // Guarded by lock; a message that goes nowhere has no entry.
  private int messageCount;
  private boolean[] isRouted = new boolean[8];
  private int[] addresses = new int[8];
  private int[] data = new int[8];

  /** Routes the IOAPIC's inputs. */
  public GsiRouting(KvmVm vm, int ioapicInputs) {
    this.vm = vm;
    this.ioapicInputs = ioapicInputs;
    write();
  }

  /** One more message, which goes nowhere yet; answers its GSI. */
  public int addMessage() {
    synchronized (lock) {
      if (messageCount == isRouted.length) {
        isRouted = Arrays.copyOf(isRouted, 2 * messageCount);
        addresses = Arrays.copyOf(addresses, 2 * messageCount);
        data = Arrays.copyOf(data, 2 * messageCount);
      }
      return ioapicInputs + messageCount++;
    }
  }

  /**
   * Makes a GSI this message.
   *
   * @param address where local APICs take messages; of any other, nothing comes
   */
  public void route(int gsi, long address, int message) {
    int index = gsi - ioapicInputs;
    synchronized (lock) {
      isRouted[index] = isLocalApic(address);
      addresses[index] = (int) address;
      data[index] = message;
      write();
    }
  }

  /** 0xfee0_0000 to 0xfeef_ffff (Intel SDM, volume 3, 11.11.1). */
  private static boolean isLocalApic(long address) {
    return address >>> 20 == 0xfee;
  }

  private void write() {
    int count = ioapicInputs;
    for (int i = 0; i < messageCount; i++) {
      count += isRouted[i] ? 1 : 0;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment s =
          arena.allocate(IrqRouting.ENTRIES + (long) count * IrqRouting.ENTRY_SIZE, Long.BYTES);
      s.set(JAVA_INT, IrqRouting.NR, count);
      long at = IrqRouting.ENTRIES;
      for (int gsi = 0; gsi < ioapicInputs; gsi++) {
        s.set(JAVA_INT, at + IrqRouting.GSI, gsi);
        s.set(JAVA_INT, at + IrqRouting.TYPE, IrqRouting.TYPE_IRQCHIP);
        s.set(JAVA_INT, at + IrqRouting.IRQCHIP, IrqRouting.IRQCHIP_IOAPIC);
        s.set(JAVA_INT, at + IrqRouting.PIN, gsi);
        at += IrqRouting.ENTRY_SIZE;
      }
      for (int i = 0; i < messageCount; i++) {
        if (isRouted[i]) {
          s.set(JAVA_INT, at + IrqRouting.GSI, ioapicInputs + i);
          s.set(JAVA_INT, at + IrqRouting.TYPE, IrqRouting.TYPE_MSI);
          s.set(JAVA_INT, at + IrqRouting.MSI_ADDRESS_LO, addresses[i]);
          s.set(JAVA_INT, at + IrqRouting.MSI_DATA, data[i]);
          at += IrqRouting.ENTRY_SIZE;
        }
      }
      vm.setGsiRouting(s.address());
    }
  }
}
