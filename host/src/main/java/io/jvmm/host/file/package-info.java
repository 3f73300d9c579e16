/** Files and byte streams. */
package io.jvmm.host.file;
