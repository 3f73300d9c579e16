/** Compressed kernels that unpack themselves: bzImage, boot protocol 2.12 and later. */
package io.jvmm.boot.bzimage;
