package io.jvmm.vmm;

import io.jvmm.devices.console.Console;
import io.jvmm.devices.p9.ShareOptions;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The virtio devices of a machine besides its disks.
 *
 * @param rng whether the guest gets random bytes from the host
 * @param balloonBytes how much of its memory the guest is asked to give up from the beginning, or
 *     {@link #NO_BALLOON}
 * @param pmem paths of images that lie in the guest's address space, read-only, {@code /dev/pmem0}
 *     and on
 * @param ports byte streams between programs in the guest and the host
 * @param vsock connections between programs in the guest and the host, or null
 * @param nets network devices
 * @param shares folders of the host's
 */
public record VirtioConfig(
    boolean rng,
    long balloonBytes,
    List<String> pmem,
    List<PortConfig> ports,
    @Nullable VsockConfig vsock,
    List<NetConfig> nets,
    List<ShareOptions> shares) {
  /** There is no balloon. */
  public static final long NO_BALLOON = -1;

  /** None of them. */
  public static final VirtioConfig NONE =
      new VirtioConfig(false, NO_BALLOON, List.of(), List.of(), null, List.of(), List.of());

  /**
   * Copies the lists.
   *
   * @throws MachineConfigException where a number makes no sense
   */
  public VirtioConfig {
    if (balloonBytes < NO_BALLOON) {
      throw new MachineConfigException("balloon: " + balloonBytes + " bytes");
    }
    pmem = List.copyOf(pmem);
    ports = List.copyOf(ports);
    nets = List.copyOf(nets);
    shares = List.copyOf(shares);
    requireDistinctTags(shares);
    if (ports.size() > Console.PORTS_MAX) {
      throw new MachineConfigException(
          "ports: " + ports.size() + " is more than the " + Console.PORTS_MAX + " of a machine");
    }
    for (int i = 0; i < ports.size(); i++) {
      for (int j = 0; j < i; j++) {
        if (ports.get(i).name().equals(ports.get(j).name())) {
          throw new MachineConfigException("port " + ports.get(i).name() + " is there twice");
        }
      }
    }
    for (int i = 0; i < nets.size(); i++) {
      for (int j = 0; j < i; j++) {
        if (nets.get(i).idAt(i).equals(nets.get(j).idAt(j))) {
          throw new MachineConfigException("net id=" + nets.get(i).idAt(i) + " is there twice");
        }
      }
    }
  }

  private static void requireDistinctTags(List<ShareOptions> shares) {
    for (int i = 0; i < shares.size(); i++) {
      for (int j = 0; j < i; j++) {
        if (shares.get(i).tag().equals(shares.get(j).tag())) {
          throw new MachineConfigException("share " + shares.get(i).tag() + " is there twice");
        }
      }
    }
  }

  /** Whether there is a shared folder of that tag. */
  boolean hasShare(String tag) {
    for (int i = 0; i < shares.size(); i++) {
      if (shares.get(i).tag().equals(tag)) {
        return true;
      }
    }
    return false;
  }

  /** Whether there is a balloon. */
  public boolean hasBalloon() {
    return balloonBytes != NO_BALLOON;
  }

  /** How many places in the machine they take. */
  int deviceCount() {
    return (rng ? 1 : 0)
        + (hasBalloon() ? 1 : 0)
        + pmem.size()
        + (ports.isEmpty() ? 0 : 1)
        + (vsock == null ? 0 : 1)
        + nets.size()
        + shares.size();
  }

  /** The same, with an entropy device or without. */
  public VirtioConfig withRng(boolean value) {
    return new VirtioConfig(value, balloonBytes, pmem, ports, vsock, nets, shares);
  }

  /**
   * The same, with a balloon.
   *
   * @param bytes how large it should be from the beginning
   */
  public VirtioConfig withBalloon(long bytes) {
    return new VirtioConfig(rng, bytes, pmem, ports, vsock, nets, shares);
  }

  /** The same, with these images as persistent memory. */
  public VirtioConfig withPmem(List<String> paths) {
    return new VirtioConfig(rng, balloonBytes, paths, ports, vsock, nets, shares);
  }

  /** The same, with these ports. */
  public VirtioConfig withPorts(List<PortConfig> named) {
    return new VirtioConfig(rng, balloonBytes, pmem, named, vsock, nets, shares);
  }

  /** The same, with this socket device or none. */
  public VirtioConfig withVsock(@Nullable VsockConfig device) {
    return new VirtioConfig(rng, balloonBytes, pmem, ports, device, nets, shares);
  }

  /** The same, with these network devices. */
  public VirtioConfig withNets(List<NetConfig> all) {
    return new VirtioConfig(rng, balloonBytes, pmem, ports, vsock, all, shares);
  }

  /** The same, with these shared folders. */
  public VirtioConfig withShares(List<ShareOptions> folders) {
    return new VirtioConfig(rng, balloonBytes, pmem, ports, vsock, nets, folders);
  }
}
