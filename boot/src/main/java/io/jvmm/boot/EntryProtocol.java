package io.jvmm.boot;

/** Which way into a kernel the caller wants. */
public enum EntryProtocol {
  /**
   * {@link #LINUX_64} for every Linux, since it is the shorter way (no mode switches in the guest,
   * each of which a hypervisor watches; no second memory map to convert) and every x86-64 Linux has
   * it, configured for PVH or not; {@link #PVH} for an ELF file whose entry point is not the
   * physical address of loaded code, so no Linux, but which carries a PVH note.
   */
  AUTO,
  /** The 64-bit boot protocol of Linux. */
  LINUX_64,
  /** The PVH entry of an ELF file, as its Xen note names it. */
  PVH
}
