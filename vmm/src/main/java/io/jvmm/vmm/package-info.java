/**
 * The library: {@link MachineConfig} in, {@link Machine} out. Any number of machines live in one
 * JVM; each closes without a trace.
 */
package io.jvmm.vmm;
