package io.jvmm.boot;

/**
 * Every address, port and interrupt number of the machine (x86-64), in one file.
 *
 * <pre>
 * 0x0000_0000  RAM: boot structures in the first MiB:
 * 0x0000_1000    GDT
 * 0x0000_2000    PVH start info
 * 0x0000_7000    zero page (boot_params)
 * 0x0000_8000    stack, grows down from the end of its page
 * 0x0000_9000    page tables, six pages
 * 0x0002_0000    command line, at most 64 KiB
 * 0x0009_fc00    MP table, in the last KiB of base memory
 * 0x000a_0000    where a PC has video memory and ROMs: RAM here, never told of
 * 0x000e_0000    ACPI tables, the RSDP first
 * 0x000f_fff0    where a PC's firmware begins: code that resets the machine
 * 0x0010_0000  RAM: the kernel, the initrd as high as may be
 * 0xd000_0000  hole: virtio-mmio slots of 4 KiB
 * 0xd010_0000        PCI: the configuration space of bus 0, 1 MiB
 * 0xd100_0000        PCI: the functions' BARs, 16 MiB
 * 0xfec0_0000        IOAPIC
 * 0xfee0_0000        local APICs
 * 0xfffb_c000        KVM's identity map page and TSS (Intel needs them)
 * 4 GiB        RAM again
 * above it     images of persistent memory
 * </pre>
 */
public final class MachineLayout {
  /** The GDT of the first CPU. */
  public static final long GDT = 0x1000;

  /** PVH's {@code hvm_start_info}, its module list and its memory map. */
  public static final long START_INFO = 0x2000;

  /** Bytes kept for {@link #START_INFO}. */
  public static final int START_INFO_SIZE = 0x1000;

  /** Linux' {@code boot_params}, one page. */
  public static final long ZERO_PAGE = 0x7000;

  /** The stack at entry. */
  public static final long BOOT_STACK = 0x8000;

  /** Bytes of {@link #BOOT_STACK}. */
  public static final int BOOT_STACK_SIZE = 0x1000;

  /** The page tables at entry: one PML4, one PDPT, four page directories. */
  public static final long PAGE_TABLES = 0x9000;

  /** The command line. */
  public static final long COMMAND_LINE = 0x2_0000;

  /** Bytes kept for the command line, the final NUL included; Linux takes 2048 of them. */
  public static final int COMMAND_LINE_SIZE = 0x1_0000;

  /**
   * The last KiB of base memory, one of the places where a kernel looks for an MP table (Intel MP
   * 1.4, 4). It is reserved; usable RAM begins at 0 and ends here.
   */
  public static final long MP_TABLE = 0x9_FC00;

  /** Bytes kept for {@link #MP_TABLE}. */
  public static final int MP_TABLE_SIZE = 0x400;

  /** The ACPI tables, the RSDP first: where a kernel scans for one (ACPI 6.4, 5.2.5.1). */
  public static final long ACPI_TABLES = 0xE_0000;

  /** Bytes kept for the ACPI tables, with {@link #RESET_VECTOR} at their end. */
  public static final int ACPI_TABLES_SIZE = 0x2_0000;

  /** F000:FFF0, where a CPU begins after a reset and a kernel jumps to that wants one. */
  public static final long RESET_VECTOR = 0xF_FFF0;

  /** Where a kernel may lie: all boot structures are below. */
  public static final long KERNEL_MIN = 0x10_0000;

  /** Where RAM below 4 GiB ends and the hole for devices begins: 3.25 GiB. */
  public static final long HOLE_START = 0xD000_0000L;

  /** Where RAM goes on: 4 GiB. */
  public static final long HOLE_END = 0x1_0000_0000L;

  /** The first virtio-mmio slot. */
  public static final long VIRTIO_MMIO_START = HOLE_START;

  /** Bytes of one virtio-mmio slot. */
  public static final int VIRTIO_MMIO_SLOT_SIZE = 0x1000;

  /**
   * The memory-mapped configuration space of PCI bus 0, the only one: 4 KiB a function, 8 functions
   * a device, 32 devices.
   */
  public static final long PCI_CONFIG = 0xD010_0000L;

  /** Bytes of {@link #PCI_CONFIG}. */
  public static final int PCI_CONFIG_SIZE = 0x10_0000;

  /** Where the BARs of PCI functions lie. */
  public static final long PCI_BARS = 0xD100_0000L;

  /** Bytes of {@link #PCI_BARS}. */
  public static final int PCI_BARS_SIZE = 0x100_0000;

  /** Bytes from one function's BAR to the next one's. */
  public static final int PCI_BAR_SIZE = 0x8000;

  /** How many devices the PCI bus has beside the host bridge, which is device 0. */
  public static final int PCI_DEVICES_MAX = 31;

  /** The IOAPIC's registers. */
  public static final long IOAPIC = 0xFEC0_0000L;

  /** The local APICs' registers. */
  public static final long LOCAL_APIC = 0xFEE0_0000L;

  /** One page for KVM's real-mode identity map on Intel. */
  public static final long KVM_IDENTITY_MAP = 0xFFFB_C000L;

  /** Bytes from {@link #KVM_IDENTITY_MAP} to the end of {@link #KVM_TSS}. */
  public static final int KVM_RESERVED_SIZE = 0x4000;

  /** Three pages for KVM's task state segment on Intel. */
  public static final long KVM_TSS = 0xFFFB_D000L;

  /** COM1, a 16550A: eight ports. */
  public static final int COM1_PORT = 0x3F8;

  /** Ports of a 16550A. */
  public static final int COM1_PORT_COUNT = 8;

  /** COM1's interrupt. */
  public static final int COM1_GSI = 4;

  /** The keyboard controller's data port; its command port is {@link #I8042_COMMAND_PORT}. */
  public static final int I8042_DATA_PORT = 0x60;

  /** Writing {@link #I8042_RESET} here resets the machine. */
  public static final int I8042_COMMAND_PORT = 0x64;

  /** The command that pulses the CPU's reset line. */
  public static final int I8042_RESET = 0xFE;

  /** The CMOS clock's index port; its data port follows. */
  public static final int RTC_PORT = 0x70;

  /** The CMOS clock's ports. */
  public static final int RTC_PORT_COUNT = 2;

  /** The CMOS clock's interrupt. */
  public static final int RTC_GSI = 8;

  /** The pvpanic device's one port (ACPI id QEMU0001). */
  public static final int PVPANIC_PORT = 0x505;

  /** A guest's init writes a milestone number here, and the machine notes the time. */
  public static final int MILESTONE_PORT = 0x5F0;

  /**
   * ACPI's sleep control register (hardware-reduced): a write with SLP_EN turns the machine off.
   */
  public static final int SLEEP_CONTROL_PORT = 0x600;

  /** ACPI's sleep status register. */
  public static final int SLEEP_STATUS_PORT = 0x601;

  /** The SLP_TYP that the DSDT's {@code \_S5} object names. */
  public static final int SLEEP_TYPE_S5 = 5;

  /** The generic event device's interrupt: the power button was pressed. */
  public static final int POWER_BUTTON_GSI = 9;

  /**
   * The IOAPIC's id, which is what KVM's answers in its id register. CPUs have ids from 0 as well:
   * with xAPICs the two no longer share a name space, the serial APIC bus is gone.
   */
  public static final int IOAPIC_ID = 0;

  /**
   * The IOAPIC's inputs, one for each GSI.
   *
   * <p>A machine has to route GSIs to the IOAPIC alone (KVM_SET_GSI_ROUTING): a kernel that is told
   * of hardware-reduced ACPI never sets up the pair of 8259s, while KVM's default routing also
   * raises the inputs below 16 there, and the first CPU's LINT0 then takes them as external
   * interrupts with vectors 0 to 15, which are exceptions.
   */
  public static final int GSI_COUNT = 24;

  /** The most CPUs of a machine. */
  public static final int CPUS_MAX = 32;

  /** The GSI of the first message-signalled interrupt, above the IOAPIC's. */
  public static final int FIRST_MESSAGE_GSI = GSI_COUNT;

  private static final int FIRST_FREE_GSI = 5;

  /**
   * How many virtio devices have an interrupt of their own: inputs from 5 up without the clock's
   * and the button's.
   */
  public static final int VIRTIO_DEVICES_MAX = GSI_COUNT - FIRST_FREE_GSI - 2;

  /**
   * What a piece of persistent memory is aligned to: a section of Linux' memory map, so that it
   * shares none with RAM or with another piece.
   */
  public static final long PMEM_ALIGNMENT = 128L << 20;

  private MachineLayout() {}

  /**
   * Where a piece of persistent memory lies.
   *
   * @param end the first address behind all RAM and the pieces before
   */
  public static long pmemAddress(long end) {
    return Math.addExact(Math.max(end, HOLE_END), PMEM_ALIGNMENT - 1) & -PMEM_ALIGNMENT;
  }

  /** Where virtio device {@code index} has its registers. */
  public static long virtioMmioAddress(int index) {
    return VIRTIO_MMIO_START + (long) checkIndex(index) * VIRTIO_MMIO_SLOT_SIZE;
  }

  /** The interrupt of virtio device {@code index}: 5, 6, 7, 10, 11, … 23. */
  public static int virtioMmioGsi(int index) {
    int gsi = FIRST_FREE_GSI + checkIndex(index);
    return gsi < RTC_GSI ? gsi : gsi + 2;
  }

  /** Where PCI device {@code device} has its BAR; 1 to {@link #PCI_DEVICES_MAX}. */
  public static long pciBarAddress(int device) {
    if (device < 1 || device > PCI_DEVICES_MAX) {
      throw new IllegalArgumentException(
          "PCI device " + device + ": a machine has 1 to " + PCI_DEVICES_MAX);
    }
    return PCI_BARS + (long) device * PCI_BAR_SIZE;
  }

  private static int checkIndex(int index) {
    if (index < 0 || index >= VIRTIO_DEVICES_MAX) {
      throw new IllegalArgumentException(
          "virtio device " + index + ": a machine has at most " + VIRTIO_DEVICES_MAX);
    }
    return index;
  }
}
