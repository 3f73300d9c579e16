/** io_uring. */
package io.jvmm.host.uring;
