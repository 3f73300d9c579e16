/**
 * The virtio socket device (virtio 1.2, 5.10): connections between programs in the guest, which use
 * AF_VSOCK, and programs on the host, which use Unix sockets, a descriptor, or the library.
 *
 * <p>A connection is named by a port on either side. {@code REQUEST} asks for one and {@code
 * RESPONSE} grants it, {@code RST} refuses or ends it, {@code RW} carries data, {@code SHUTDOWN}
 * says that one side sends or receives no more. Each side tells with every packet how much room it
 * has for a connection and how much it has passed on, and the other never sends more than fits; a
 * full shutdown is answered by {@code RST}, after which the ports may be used anew.
 *
 * <p>{@link io.jvmm.devices.vsock.Vsock} is the device, {@code Mux} knows the connections, a {@code
 * Connection} its own state, and a {@link io.jvmm.devices.vsock.HostEnd} what is at its other end.
 * {@code GuestPackets} brings what the guest sends to its connection, whose {@code Inflow} passes
 * it from the guest's memory straight to the host's end; what that does not take is kept, no more
 * of it than was announced as room. The {@code Outflow} reads what the host sends straight into the
 * guest's buffers. What the guest has yet to be told is a bit a connection and kind, and said by
 * its {@code Talk}.
 */
package io.jvmm.devices.vsock;
