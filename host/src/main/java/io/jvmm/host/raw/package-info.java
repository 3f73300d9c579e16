/** The address space as one segment, for {@code io.jvmm.memory} alone. */
package io.jvmm.host.raw;
