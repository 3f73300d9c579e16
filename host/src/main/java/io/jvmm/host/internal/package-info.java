/** The one shape of all system calls, and their numbers; not exported. */
package io.jvmm.host.internal;
