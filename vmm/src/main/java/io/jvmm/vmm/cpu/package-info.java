/**
 * vCPU threads, what their CPUID says, how they enter a kernel, and the report when one cannot go
 * on.
 */
package io.jvmm.vmm.cpu;
