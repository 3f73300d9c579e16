/** The event loop that devices do their file and socket work on. */
package io.jvmm.devices.io;
