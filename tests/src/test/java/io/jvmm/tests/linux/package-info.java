/** Linux guests: where this host's KVM can run Linux, else in the emulated KVM host. */
@org.jspecify.annotations.NullMarked
package io.jvmm.tests.linux;
