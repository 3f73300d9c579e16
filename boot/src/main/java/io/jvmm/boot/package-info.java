/**
 * Loads a kernel into guest memory and says how to enter it.
 *
 * <p>{@link io.jvmm.boot.KernelImage} opens a file and checks its headers; {@link
 * io.jvmm.boot.KernelLoader} puts it, its initrd and all tables where {@link
 * io.jvmm.boot.MachineLayout} says, and answers a {@link io.jvmm.boot.KernelEntry}: the registers
 * of the first CPU. What is wrong with a file is a {@link io.jvmm.boot.BootException}. Everything
 * here belongs to the thread that calls it.
 */
package io.jvmm.boot;
