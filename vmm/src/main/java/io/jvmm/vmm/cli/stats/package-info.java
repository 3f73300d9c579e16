/** {@code jvmm --stats}: what a run cost, as text and as JSON. Start with {@link StatsReport}. */
@NullMarked
package io.jvmm.vmm.cli.stats;

import org.jspecify.annotations.NullMarked;
