/** Loads a kernel into guest memory and says how to enter it. */
package io.jvmm.boot;
