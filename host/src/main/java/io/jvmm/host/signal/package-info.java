/** Signals to single threads, without handlers. */
package io.jvmm.host.signal;
