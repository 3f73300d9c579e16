package io.jvmm.vmm;

import io.jvmm.devices.vsock.Vsock;
import io.jvmm.devices.vsock.VsockPlaces;
import io.jvmm.host.SyscallException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A socket device: connections between programs in the guest (AF_VSOCK) and the host.
 *
 * @param cid the guest's context id, 3 to 2^32 - 2; the host's is 2
 * @param uds path of the Unix socket that jvmm makes: clients there say {@code CONNECT PORT}, and
 *     what the guest connects to at port N is what listens at {@code uds_N}. Null for none
 * @param ports those that are bound to a descriptor
 */
public record VsockConfig(long cid, @Nullable String uds, List<Port> ports) {
  /**
   * A port that is bound to a socket of this process, which stays the caller's. Who connects to a
   * listening one reaches the guest's port; a connected one is what the guest reaches at the port,
   * once.
   *
   * @param port 0 to 2^32 - 2
   * @param fd of this process
   */
  public record Port(long port, int fd) {
    /** VMADDR_PORT_ANY, which is no port ({@code linux/vm_sockets.h}). */
    private static final long ANY = 0xffff_ffffL;

    /**
     * Checks the port.
     *
     * @throws MachineConfigException where it is none
     */
    public Port {
      if (port < 0 || port >= ANY) {
        throw new MachineConfigException(
            "vsock: port " + port + " is not between 0 and " + (ANY - 1));
      }
    }
  }

  /**
   * Checks the id.
   *
   * @throws MachineConfigException where it is not a guest's, and where a port or a descriptor is
   *     there twice
   */
  public VsockConfig {
    if (cid < Vsock.GUEST_CID_MIN || cid > Vsock.GUEST_CID_MAX) {
      throw new MachineConfigException(
          "vsock: cid "
              + cid
              + " is not between "
              + Vsock.GUEST_CID_MIN
              + " and "
              + Vsock.GUEST_CID_MAX);
    }
    if (uds != null && uds.isEmpty()) {
      throw new MachineConfigException("vsock: uds has no path");
    }
    ports = List.copyOf(ports);
    for (int i = 0; i < ports.size(); i++) {
      for (int j = 0; j < i; j++) {
        if (ports.get(i).port() == ports.get(j).port()) {
          throw new MachineConfigException(
              "vsock: port " + ports.get(i).port() + " is there twice");
        }
        if (ports.get(i).fd() == ports.get(j).fd()) {
          throw new MachineConfigException(
              "vsock: descriptor " + ports.get(i).fd() + " is there twice");
        }
      }
    }
  }

  /** A device whose host's side is handlers alone. */
  public static VsockConfig of(long cid) {
    return new VsockConfig(cid, null, List.of());
  }

  /** A device with a Unix socket. */
  public static VsockConfig unix(long cid, String uds) {
    return new VsockConfig(cid, uds, List.of());
  }

  /**
   * Makes the host's places.
   *
   * @throws MachineConfigException where the host refuses
   */
  VsockPlaces open() {
    VsockPlaces places = openPath();
    try {
      for (int i = 0; i < ports.size(); i++) {
        bind(places, ports.get(i));
      }
      return places;
    } catch (RuntimeException e) {
      places.close();
      throw e;
    }
  }

  private VsockPlaces openPath() {
    if (uds == null) {
      return VsockPlaces.none();
    }
    try {
      return VsockPlaces.unix(uds);
    } catch (SyscallException e) {
      throw new MachineConfigException("vsock: uds: " + e.getMessage());
    }
  }

  private static void bind(VsockPlaces places, Port port) {
    try {
      places.bind((int) port.port(), port.fd());
    } catch (SyscallException e) {
      throw new MachineConfigException(
          "vsock: port " + port.port() + ": descriptor " + port.fd() + ": " + e.getMessage());
    }
  }
}
