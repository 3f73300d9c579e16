/**
 * The {@code jvmm} command: its options, its words and its exit statuses. The only place of the
 * project that ends the process or talks to its standard streams.
 *
 * <p>Start with {@link Jvmm}. What runs before the first guest instruction is plain static Java;
 * help, {@code doctor}, statistics and the timeline are loaded when they are asked for.
 */
@NullMarked
package io.jvmm.vmm.cli;

import org.jspecify.annotations.NullMarked;
