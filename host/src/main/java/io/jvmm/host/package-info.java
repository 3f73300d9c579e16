/** File descriptors with owners, mappings, eventfds, ioctl, and how a refused call is reported. */
package io.jvmm.host;
