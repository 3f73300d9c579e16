/** JSON as jvmm reads and writes it: configuration files, statistics, the control socket. */
@NullMarked
package io.jvmm.vmm.json;

import org.jspecify.annotations.NullMarked;
