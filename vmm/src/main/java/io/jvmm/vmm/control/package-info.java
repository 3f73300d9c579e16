/**
 * {@code --control PATH}: a Unix socket through which a running machine is asked and told things,
 * one JSON object a line (docs/CONTROL.md). {@link io.jvmm.vmm.control.ControlServer} accepts,
 * {@link io.jvmm.vmm.control.ControlConnection} reads and answers lines, {@link
 * io.jvmm.vmm.control.ControlCommand} says what there is to ask for. Nothing of it is loaded where
 * nobody asks for it.
 */
@NullMarked
package io.jvmm.vmm.control;

import org.jspecify.annotations.NullMarked;
