/** Stream sockets: TCP and Unix, never waiting. */
package io.jvmm.host.socket;
