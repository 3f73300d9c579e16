/** Tests that need the JVM as it is shipped. */
@NullMarked
package io.jvmm.virtio.jvm;

import org.jspecify.annotations.NullMarked;
