package io.jvmm.boot;

/**
 * How the first CPU enters a kernel: what the loader wrote into guest memory, as register values.
 *
 * @param protocol which registers and which CPU mode the kernel expects
 * @param rip the first instruction
 * @param rsi the zero page for {@link Protocol#LINUX_64}, else 0
 * @param rbx the start info for {@link Protocol#PVH}, else 0
 * @param rsp a small stack in low memory, or 0
 * @param cr3 the page tables for {@link Protocol#LINUX_64}, else 0
 * @param gdt where the GDT lies; its limit is {@code gdtLimit}
 * @param gdtLimit bytes of the GDT less one
 */
public record KernelEntry(
    Protocol protocol, long rip, long rsi, long rbx, long rsp, long cr3, long gdt, int gdtLimit) {

  /** The CPU mode at entry. */
  public enum Protocol {
    /**
     * Long mode, paging on, RSI = zero page (Documentation/x86/boot.rst, "64-bit boot protocol").
     */
    LINUX_64,
    /**
     * 32-bit protected mode, paging off, EBX = start info (Documentation/x86/…, PVH ABI of Xen).
     */
    PVH
  }
}
