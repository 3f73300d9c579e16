/** Statistics of a machine as JSON, for those who tell them. */
@NullMarked
package io.jvmm.vmm.stats;

import org.jspecify.annotations.NullMarked;
