/**
 * The virtio console device with several ports (virtio 1.2, 5.3): byte streams between programs in
 * the guest ({@code /dev/vportNpM}, named in {@code /sys/class/virtio-ports}) and the host. {@link
 * io.jvmm.devices.console.Console} is the device, a {@link io.jvmm.devices.console.HostEnd} what is
 * at the other end of a port.
 *
 * <p>Nobody's bytes are piled up: a guest that does not read leaves the host's bytes in the host's
 * socket, a host that does not read leaves the guest's buffers unanswered, and each waits.
 */
package io.jvmm.devices.console;
