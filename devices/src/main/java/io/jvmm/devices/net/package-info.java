/**
 * The virtio network device (virtio 1.2, 5.1). {@link io.jvmm.devices.net.Net} is the device, a
 * {@link io.jvmm.devices.net.NetBackend} what carries its frames.
 */
package io.jvmm.devices.net;
