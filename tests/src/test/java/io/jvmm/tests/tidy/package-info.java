/** Rules that hold for the whole tree, and that a machine can check. */
@org.jspecify.annotations.NullMarked
package io.jvmm.tests.tidy;
