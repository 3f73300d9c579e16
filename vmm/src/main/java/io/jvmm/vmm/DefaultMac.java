package io.jvmm.vmm;

import io.jvmm.devices.net.MacAddress;
import io.jvmm.host.CallState;
import io.jvmm.host.RandomBytes;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The address of a network device for which nobody has chosen one: the same whenever this machine
 * starts on this host, so that a DHCP server knows it again, and another for every other machine on
 * the same wire.
 */
final class DefaultMac {
  private static final long FNV_OFFSET = 0xcbf2_9ce4_8422_2325L;
  private static final long FNV_PRIME = 0x100_0000_01b3L;

  private DefaultMac() {}

  static MacAddress of(MachineConfig machine, NetConfig net, int index) {
    if (net.source() instanceof NetSource.TapDescriptors) {
      return MacAddress.local(random());
    }
    long hash = FNV_OFFSET;
    hash = add(hash, hostId());
    hash = add(hash, namespace());
    hash = add(hash, machine.name());
    hash = add(hash, net.source().text());
    hash = add(hash, net.idAt(index));
    return MacAddress.local(mix(hash));
  }

  private static long add(long hash, String text) {
    long sum = hash;
    for (int i = 0; i < text.length(); i++) {
      sum = (sum ^ text.charAt(i)) * FNV_PRIME;
    }
    return (sum ^ 0xffff) * FNV_PRIME; // keeps "ab", "c" apart from "a", "bc"
  }

  /** Every bit of the result depends on every bit of the sum: six bytes of eight are used. */
  private static long mix(long hash) {
    long mixed = (hash ^ hash >>> 33) * 0xff51_afd7_ed55_8ccdL;
    mixed = (mixed ^ mixed >>> 33) * 0xc4ce_b9fe_1a85_ec53L;
    return mixed ^ mixed >>> 33;
  }

  /** Empty where the host has none. */
  private static String hostId() {
    try {
      return Files.readString(Path.of("/etc/machine-id"));
    } catch (IOException e) {
      return "";
    }
  }

  /** Taps of two containers may have the same name. Empty where there is no /proc. */
  private static String namespace() {
    try {
      return Files.readSymbolicLink(Path.of("/proc/self/ns/net")).toString();
    } catch (IOException e) {
      return "";
    }
  }

  private static long random() {
    CallState state = CallState.current();
    MemorySegment bytes = state.scratch();
    bytes.set(ValueLayout.JAVA_LONG, 0, System.nanoTime()); // where the kernel gives nothing
    RandomBytes.tryFill(state, bytes.address(), Long.BYTES);
    return bytes.get(ValueLayout.JAVA_LONG, 0);
  }
}
