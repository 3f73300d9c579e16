package io.jvmm.vmm.cli;

import io.jvmm.devices.net.HostForward;
import io.jvmm.devices.net.MacAddress;
import io.jvmm.vmm.MachineConfigException;
import io.jvmm.vmm.NetConfig;
import io.jvmm.vmm.NetSource;
import io.jvmm.vmm.RateLimit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A network device as people write it: {@code SOURCE[,OPTION=VALUE]...}. Runs before the first
 * guest instruction.
 *
 * <p>Threads: belongs to one thread.
 */
final class NetText {
  private static final String FD = "fd:";

  private final String text;
  private final String place;
  private final RateText receive = new RateText();
  private final RateText transmit = new RateText();
  private int seen;
  private @Nullable MacAddress mac;
  private int mtu;
  private int queues;
  private String id = "";
  private final List<HostForward> forwards = new ArrayList<>();

  /** The limits of one direction. */
  private static final class RateText {
    long pps;
    long ppsBurst;
    long bps;
    long bpsBurst;
  }

  private NetText(String text, String place) {
    this.text = text;
    this.place = place;
  }

  /**
   * The device that a text describes.
   *
   * @param place names the option in errors
   * @throws UsageException where it cannot be read, or says something twice
   * @throws MachineConfigException for a value that is out of range
   */
  static NetConfig parse(String text, String place) {
    return new NetText(text, place).parse();
  }

  private NetConfig parse() {
    int sourceEnd = partEnd(0);
    for (int at = sourceEnd; at < text.length(); at = partEnd(at + 1)) {
      option(text.substring(at + 1, partEnd(at + 1)));
    }
    NetSource source = source(text.substring(0, sourceEnd));
    if (!forwards.isEmpty() && !(source instanceof NetSource.User)) {
      throw wrong("hostfwd: only with user");
    }
    NetConfig net = NetConfig.of(source).withMac(mac).withMtu(mtu).withId(id);
    net = net.withRates(limits("rx-", receive), limits("tx-", transmit));
    return queues == 0 ? net : net.withQueues(queues);
  }

  private RateLimit limits(String direction, RateText said) {
    if ((said.pps | said.ppsBurst | said.bps | said.bpsBurst) == 0) {
      return RateLimit.UNLIMITED;
    }
    try {
      return RateLimit.ofNet(said.pps, said.ppsBurst, said.bps, said.bpsBurst);
    } catch (MachineConfigException e) {
      throw wrong(direction + e.getMessage());
    }
  }

  private int partEnd(int from) {
    int comma = text.indexOf(',', from);
    return comma < 0 ? text.length() : comma;
  }

  private NetSource source(String part) {
    if (part.startsWith("tap=" + FD)) {
      return new NetSource.TapDescriptors(descriptors(part.substring(4 + FD.length())));
    }
    if (part.startsWith("tap=") && part.length() > 4) {
      return new NetSource.TapName(part.substring(4));
    }
    if (part.startsWith("unix=") && part.length() > 5) {
      return new NetSource.UnixSocket(part.substring(5));
    }
    if (part.equals("user")) {
      return new NetSource.User(forwards);
    }
    throw wrong("'" + part + "' is not tap=NAME, tap=fd:N[:N]..., user or unix=PATH");
  }

  private List<Integer> descriptors(String part) {
    List<Integer> numbers = new ArrayList<>();
    int at = 0;
    while (true) {
      int colon = part.indexOf(':', at);
      int end = colon < 0 ? part.length() : colon;
      numbers.add((int) number("tap=fd", part.substring(at, end), Integer.MAX_VALUE));
      if (colon < 0) {
        return numbers;
      }
      at = colon + 1;
    }
  }

  private void option(String part) {
    int equals = part.indexOf('=');
    String name = equals < 0 ? part : part.substring(0, equals);
    int bit = bit(name);
    if (equals < 0 || equals + 1 == part.length()) {
      throw wrong(name + " needs a value: " + name + "=...");
    }
    if ((seen & bit) != 0) {
      throw wrong(name + " is given twice");
    }
    seen |= bit;
    value(name, part.substring(equals + 1));
  }

  /** One a setting, so that none is given twice. */
  private int bit(String name) {
    return switch (name) {
      case "mac" -> 1;
      case "mtu" -> 1 << 1;
      case "queues" -> 1 << 2;
      case "id" -> 1 << 3;
      case "rx-pps" -> 1 << 4;
      case "rx-pps-burst" -> 1 << 5;
      case "rx-bps" -> 1 << 6;
      case "rx-bps-burst" -> 1 << 7;
      case "tx-pps" -> 1 << 8;
      case "tx-pps-burst" -> 1 << 9;
      case "tx-bps" -> 1 << 10;
      case "tx-bps-burst" -> 1 << 11;
      case "hostfwd" -> 0; // as often as one likes
      default -> throw wrong("unknown option '" + name + "' in '" + text + "'");
    };
  }

  private void value(String name, String value) {
    switch (name) {
      case "mac" -> {
        mac = MacAddress.parse(value);
        if (mac == null) {
          throw wrong("mac: '" + value + "' is not an address like 02:00:00:00:00:01");
        }
      }
      case "mtu" -> mtu = positive(name, value);
      case "queues" -> queues = positive(name, value);
      case "id" -> id = value;
      case "hostfwd" -> forwards.add(HostForwardText.parse(value, place));
      default -> rate(name.startsWith("rx-") ? receive : transmit, name, value);
    }
  }

  private void rate(RateText rate, String name, String value) {
    switch (name.substring("rx-".length())) {
      case "pps" -> rate.pps = number(name, value, RateLimit.OPERATIONS_MAX);
      case "pps-burst" -> rate.ppsBurst = number(name, value, RateLimit.OPERATIONS_MAX);
      case "bps" -> rate.bps = SizeText.parseBytes(value, place + ": " + name);
      default -> rate.bpsBurst = SizeText.parseBytes(value, place + ": " + name);
    }
  }

  /** 0 stands for what nobody has said. */
  private int positive(String name, String value) {
    int number = (int) number(name, value, Integer.MAX_VALUE);
    if (number == 0) {
      throw wrong(name + ": '" + value + "' is not positive");
    }
    return number;
  }

  private long number(String name, String value, long max) {
    long number;
    try {
      number = Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw wrong(name + ": '" + value + "' is not a whole number");
    }
    if (number < 0 || number > max) {
      throw wrong(name + ": " + value + " is not between 0 and " + max);
    }
    return number;
  }

  private UsageException wrong(String what) {
    return new UsageException(place + ": " + what);
  }
}
