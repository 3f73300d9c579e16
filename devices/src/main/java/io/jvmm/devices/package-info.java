/** What the machine's buses ask of a device. */
package io.jvmm.devices;
