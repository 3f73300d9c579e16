/** What is left of the keyboard controller: the line that resets the machine. */
package io.jvmm.devices.i8042;
