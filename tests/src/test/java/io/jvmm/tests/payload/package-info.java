/** The command with payload guests (tests/payload): they run on any {@code /dev/kvm}. */
@org.jspecify.annotations.NullMarked
package io.jvmm.tests.payload;
