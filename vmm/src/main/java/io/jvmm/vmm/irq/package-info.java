/** The machine's side of the two seams: interrupts by irqfd, doorbells by ioeventfd. */
package io.jvmm.vmm.irq;
