/**
 * What happened when during a boot, for statistics and pictures; loaded only when they are asked
 * for.
 */
@NullMarked
package io.jvmm.vmm.cli.record;

import org.jspecify.annotations.NullMarked;
