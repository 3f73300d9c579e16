/** How jvmm starts: what its launcher does, and what runs before the guest's first instruction. */
@org.jspecify.annotations.NullMarked
package io.jvmm.tests.start;
