/** Signals: to single threads, without handlers, and to the process. */
package io.jvmm.host.signal;
