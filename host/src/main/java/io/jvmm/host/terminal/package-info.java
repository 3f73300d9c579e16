/** Terminals and their raw mode. */
package io.jvmm.host.terminal;
