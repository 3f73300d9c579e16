/**
 * Network block devices: a disk that a server exports by the NBD protocol (the specification is
 * {@code doc/proto.md} of the NetworkBlockDevice project; section names here are its).
 *
 * <p>{@link io.jvmm.devices.block.nbd.NbdClient} is the backend. A {@code NbdLink} brings one
 * connection up ({@code NbdNegotiation} speaks its first words), {@code NbdSender} and {@code
 * NbdReceiver} move requests and replies over it, {@code NbdRequests} holds what has no answer yet,
 * whatever becomes of the connection.
 *
 * <p>Replies are simple ones: structured replies are not asked for, since the data of a simple
 * reply goes straight from the socket into the guest's memory.
 *
 * <p>Durability: a flush that was answered covers every write that was answered before it, on one
 * connection. A server that crashed may have lost writes that it had answered and not flushed; NBD
 * has no way to tell, so after a reconnect such a loss stays unseen, as with every NBD client. A
 * server that ends in order, or is only out of reach, loses nothing: what had no answer is sent
 * again.
 */
package io.jvmm.devices.block.nbd;
