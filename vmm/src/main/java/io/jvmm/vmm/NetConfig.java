package io.jvmm.vmm;

import io.jvmm.devices.net.MacAddress;
import io.jvmm.devices.net.Net;
import org.jspecify.annotations.Nullable;

/**
 * A network device of the guest, before it exists. Begin with {@link #of} and change what should be
 * different.
 *
 * @param source what carries its frames
 * @param mac its address, or null for one that is made of the host, the machine's name, the source
 *     and the device's place: the same at every start, another for every machine. A tap that is
 *     given by descriptor has no name to tell it from others: its address is a random one
 * @param mtu what the guest is told, {@link Net#MTU_MIN} to {@link Net#MTU_MAX}, or 0 for what the
 *     source has
 * @param queues pairs of queues, 1 to {@link Net#QUEUE_PAIRS_MAX}
 * @param id its name in requests to the machine; empty for {@code net0} and so on by its place
 * @param receive how much the guest is given
 * @param transmit how much it may send
 */
public record NetConfig(
    NetSource source,
    @Nullable MacAddress mac,
    int mtu,
    int queues,
    String id,
    RateLimit receive,
    RateLimit transmit) {

  /**
   * Checks every limit.
   *
   * @throws MachineConfigException naming the device, the value and the limit
   */
  public NetConfig {
    if (mac != null && (mac.isGroup() || mac.bits() == 0)) {
      throw wrong(source, "mac: " + mac + " is not the address of one station");
    }
    if (mtu != 0 && (mtu < Net.MTU_MIN || mtu > Net.MTU_MAX)) {
      throw wrong(source, "mtu: " + mtu + " is not between " + Net.MTU_MIN + " and " + Net.MTU_MAX);
    }
    if (queues < 1 || queues > Net.QUEUE_PAIRS_MAX) {
      throw wrong(source, "queues: " + queues + " is not between 1 and " + Net.QUEUE_PAIRS_MAX);
    }
    if (queues > 1
        && (source instanceof NetSource.User || source instanceof NetSource.UnixSocket)) {
      throw wrong(source, "queues: only a tap has more than one");
    }
    if (source instanceof NetSource.TapDescriptors fds && fds.numbers().size() != queues) {
      throw wrong(source, "queues: " + queues + " need as many descriptors");
    }
  }

  /** One pair of queues for a name, one a descriptor for those; no limit. */
  public static NetConfig of(NetSource source) {
    int queues = source instanceof NetSource.TapDescriptors fds ? fds.numbers().size() : 1;
    return new NetConfig(source, null, 0, queues, "", RateLimit.UNLIMITED, RateLimit.UNLIMITED);
  }

  private static MachineConfigException wrong(NetSource source, String what) {
    return new MachineConfigException("net " + source.text() + ": " + what);
  }

  /** The same with another address. */
  public NetConfig withMac(@Nullable MacAddress value) {
    return new NetConfig(source, value, mtu, queues, id, receive, transmit);
  }

  /** The same with another MTU. */
  public NetConfig withMtu(int value) {
    return new NetConfig(source, mac, value, queues, id, receive, transmit);
  }

  /** The same with another number of queues. */
  public NetConfig withQueues(int value) {
    return new NetConfig(source, mac, mtu, value, id, receive, transmit);
  }

  /** The same with another name. */
  public NetConfig withId(String value) {
    return new NetConfig(source, mac, mtu, queues, value, receive, transmit);
  }

  /** The same with other limits. */
  public NetConfig withRates(RateLimit forReceive, RateLimit forTransmit) {
    return new NetConfig(source, mac, mtu, queues, id, forReceive, forTransmit);
  }

  /** Its name in requests to the machine, at its place among the network devices, from 0. */
  String idAt(int index) {
    return id.isEmpty() ? "net" + index : id;
  }
}
