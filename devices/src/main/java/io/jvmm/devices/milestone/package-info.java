/** The port by which a guest's init says how far it has come. */
package io.jvmm.devices.milestone;
