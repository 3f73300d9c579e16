package io.jvmm.vmm;

import io.jvmm.devices.net.HostForward;
import java.util.List;

/** What carries the frames of a network device on the host. */
public sealed interface NetSource {
  /** For people, as it is written: {@code tap=jvmm0}. */
  String text();

  /**
   * A tap that is there.
   *
   * @param name of the interface
   */
  record TapName(String name) implements NetSource {
    @Override
    public String text() {
      return "tap=" + name;
    }
  }

  /**
   * A tap that this process was given open, as a runtime does: one descriptor a pair of queues,
   * which stay the caller's.
   *
   * @param numbers of the descriptors, at least one
   */
  record TapDescriptors(List<Integer> numbers) implements NetSource {
    /**
     * Copies the list.
     *
     * @throws MachineConfigException where it is empty, or has one twice: two pairs cannot share a
     *     queue of the tap, which one of them would detach
     */
    public TapDescriptors {
      numbers = List.copyOf(numbers);
      if (numbers.isEmpty()) {
        throw new MachineConfigException("net: a tap without a descriptor");
      }
      for (int i = 0; i < numbers.size(); i++) {
        if (numbers.indexOf(numbers.get(i)) < i) {
          throw new MachineConfigException("net tap=fd: " + numbers.get(i) + " is there twice");
        }
      }
    }

    @Override
    public String text() {
      StringBuilder text = new StringBuilder("tap=fd");
      for (int i = 0; i < numbers.size(); i++) {
        text.append(':').append(numbers.get(i));
      }
      return text.toString();
    }
  }

  /**
   * A passt of the machine's own: the host's network without root.
   *
   * @param forwards ports of the host that lead to the guest
   */
  record User(List<HostForward> forwards) implements NetSource {
    /** Copies the list. */
    public User {
      forwards = List.copyOf(forwards);
    }

    @Override
    public String text() {
      return "user";
    }
  }

  /**
   * Whoever listens at a Unix stream socket and speaks passt's protocol, which is QEMU's {@code
   * -netdev stream}: frames, each behind its length.
   *
   * @param path of the socket
   */
  record UnixSocket(String path) implements NetSource {
    @Override
    public String text() {
      return "unix=" + path;
    }
  }
}
