/**
 * What fuzz targets have in common; {@code tests/fuzz/README.md} tells how to add one and run it.
 */
@NullMarked
package io.jvmm.virtio.fuzz;

import org.jspecify.annotations.NullMarked;
