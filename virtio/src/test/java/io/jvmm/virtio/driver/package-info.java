/**
 * Plays the driver, for the tests of queues, transports and devices: no guest, no KVM. All offsets
 * here are computed apart from the code that is tested; a golden dump proves them.
 */
@NullMarked
package io.jvmm.virtio.driver;

import org.jspecify.annotations.NullMarked;
