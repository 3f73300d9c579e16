/** The port by which a guest's kernel says that it panicked. */
package io.jvmm.devices.pvpanic;
