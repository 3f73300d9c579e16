package io.jvmm.boot;

import io.jvmm.boot.tables.SegmentDescriptor;

/**
 * How the first CPU enters a kernel: what the loader wrote into guest memory, as register values.
 * All other general registers are 0, RFLAGS is 2 (interrupts off), the IDT is empty, and there is
 * no LDT.
 *
 * @param protocol which registers and which CPU mode the kernel expects
 * @param rip the first instruction
 * @param rsi the zero page for {@link Protocol#LINUX_64}, else 0
 * @param rbx the start info for {@link Protocol#PVH}, else 0
 * @param rsp the top of a small stack in low memory
 * @param cr0 protection on, and paging for {@link Protocol#LINUX_64}
 * @param cr3 the page tables for {@link Protocol#LINUX_64}, else 0
 * @param cr4 PAE for {@link Protocol#LINUX_64}, else 0
 * @param efer long mode for {@link Protocol#LINUX_64}, else 0
 * @param gdt where the GDT lies; its limit is {@code gdtLimit}
 * @param gdtLimit bytes of the GDT less one
 * @param code CS
 * @param data DS, ES, FS, GS and SS
 * @param task TR
 */
public record KernelEntry(
    Protocol protocol,
    long rip,
    long rsi,
    long rbx,
    long rsp,
    long cr0,
    long cr3,
    long cr4,
    long efer,
    long gdt,
    int gdtLimit,
    SegmentDescriptor code,
    SegmentDescriptor data,
    SegmentDescriptor task) {

  /** Protection enable, and extension type, which is always 1. */
  private static final long CR0_PE_ET = 0x11;

  private static final long CR0_PG = 0x8000_0000L;
  private static final long CR4_PAE = 0x20;

  /** Long mode enabled and active. */
  private static final long EFER_LME_LMA = 0x500;

  /** The CPU mode at entry. */
  public enum Protocol {
    /**
     * Long mode, paging on, RSI = zero page (Linux, Documentation/x86/boot.rst, "64-bit boot
     * protocol").
     */
    LINUX_64,
    /** 32-bit protected mode, paging off, EBX = start info (Xen, docs/misc/pvh.pandoc). */
    PVH
  }

  /** Into long mode, with what {@link KernelLoader} wrote at its agreed places. */
  public static KernelEntry linux64(long rip) {
    return new KernelEntry(
        Protocol.LINUX_64,
        rip,
        MachineLayout.ZERO_PAGE,
        0,
        MachineLayout.BOOT_STACK + MachineLayout.BOOT_STACK_SIZE,
        CR0_PE_ET | CR0_PG,
        MachineLayout.PAGE_TABLES,
        CR4_PAE,
        EFER_LME_LMA,
        MachineLayout.GDT,
        SegmentDescriptor.GDT_LIMIT,
        SegmentDescriptor.CODE_64,
        SegmentDescriptor.DATA,
        SegmentDescriptor.TASK);
  }

  /** Into 32-bit protected mode, with what {@link KernelLoader} wrote at its agreed places. */
  public static KernelEntry pvh(long rip) {
    return new KernelEntry(
        Protocol.PVH,
        rip,
        0,
        MachineLayout.START_INFO,
        MachineLayout.BOOT_STACK + MachineLayout.BOOT_STACK_SIZE,
        CR0_PE_ET,
        0,
        0,
        0,
        MachineLayout.GDT,
        SegmentDescriptor.GDT_LIMIT,
        SegmentDescriptor.CODE_32,
        SegmentDescriptor.DATA,
        SegmentDescriptor.TASK);
  }
}
