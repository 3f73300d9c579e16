/**
 * The ACPI tables of the machine (ACPI 6.4): hardware-reduced, every device in the DSDT, its AML
 * written by {@link io.jvmm.boot.acpi.Aml}. {@link io.jvmm.boot.acpi.AcpiTables} puts them
 * together.
 */
package io.jvmm.boot.acpi;
