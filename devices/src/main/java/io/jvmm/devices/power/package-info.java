/** Off by the guest's will (ACPI's sleep registers), and the host's wish that it be so. */
package io.jvmm.devices.power;
