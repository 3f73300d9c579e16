/**
 * A machine's figures as events of JDK Flight Recorder. Loaded only where somebody asks for them:
 * {@code jdk.jfr} takes longer to load than a machine takes to boot.
 */
@NullMarked
package io.jvmm.vmm.jfr;

import org.jspecify.annotations.NullMarked;
