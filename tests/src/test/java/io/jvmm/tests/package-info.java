/**
 * What needs more than one room, or the command as a process. Three layers: what needs no KVM, what
 * runs payload guests on any {@code /dev/kvm}, and what boots Linux.
 */
@org.jspecify.annotations.NullMarked
package io.jvmm.tests;
