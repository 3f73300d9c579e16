/** The battery-backed clock of a PC. */
package io.jvmm.devices.rtc;
