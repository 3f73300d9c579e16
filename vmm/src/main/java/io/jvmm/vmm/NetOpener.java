package io.jvmm.vmm;

import io.jvmm.devices.net.NetBackend;
import io.jvmm.devices.net.NetOptions;
import io.jvmm.devices.net.Passt;
import io.jvmm.devices.net.TapBackend;
import io.jvmm.devices.net.UnixPeer;
import java.util.List;

/**
 * Chooses what carries a network device's frames: the one place that knows every kind. What is not
 * used is not loaded.
 */
final class NetOpener {
  private NetOpener() {}

  /**
   * Opens it; it is the caller's to close.
   *
   * @throws io.jvmm.devices.net.NetException where it is not to be had
   * @throws io.jvmm.host.SyscallException where the host refuses something else
   */
  static NetBackend open(NetConfig net) {
    NetSource source = net.source();
    if (source instanceof NetSource.TapName tap) {
      return TapBackend.open(tap.name(), net.queues());
    }
    if (source instanceof NetSource.TapDescriptors tap) {
      return TapBackend.inherited(numbers(tap.numbers()));
    }
    if (source instanceof NetSource.User user) {
      return Passt.start(user.forwards(), net.mtu()).backend();
    }
    if (source instanceof NetSource.UnixSocket unix) {
      return UnixPeer.open(unix.path());
    }
    throw new IllegalArgumentException(source.text());
  }

  private static int[] numbers(List<Integer> list) {
    int[] numbers = new int[list.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = list.get(i);
    }
    return numbers;
  }

  /**
   * What the device is besides that.
   *
   * @param index its place among the machine's network devices, from 0
   */
  static NetOptions options(MachineConfig machine, NetConfig net, int index) {
    return NetOptions.of(net.mac() == null ? DefaultMac.of(machine, net, index) : net.mac())
        .withQueuePairs(net.queues())
        .withMtu(net.mtu())
        .withLimiters(net.receive().limiterIfLimited(), net.transmit().limiterIfLimited());
  }
}
