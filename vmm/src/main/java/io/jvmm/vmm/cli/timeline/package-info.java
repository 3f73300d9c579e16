/** {@code jvmm --timeline}: a picture of a boot. Start with {@link Timeline}. */
@NullMarked
package io.jvmm.vmm.cli.timeline;

import org.jspecify.annotations.NullMarked;
