package io.jvmm.vmm.cli;

import io.jvmm.vmm.VsockConfig;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code cid=N[,uds=PATH][,port=N:fd=M]...}. The path may have commas: what begins like none
 * of the words goes on with it.
 */
final class VsockText {
  private static final String FORM = "cid=N,uds=PATH or cid=N[,uds=PATH],port=N:fd=M...";

  private VsockText() {}

  /**
   * The device that is asked for.
   *
   * @param place where it was said, for errors
   * @throws UsageException naming what is wrong
   */
  static VsockConfig parse(String text, String place) {
    long cid = -1;
    String uds = null;
    List<VsockConfig.Port> ports = new ArrayList<>();
    int at = 0;
    while (at <= text.length()) {
      int end = end(text, at);
      String word = text.substring(at, end);
      if (word.startsWith("cid=") && cid < 0) {
        cid = number(word.substring(4), place);
      } else if (word.startsWith("uds=") && uds == null && word.length() > 4) {
        uds = word.substring(4);
      } else if (word.startsWith("port=")) {
        ports.add(port(word.substring(5), place));
      } else {
        throw new UsageException(place + ": '" + word + "' in '" + text + "' is not of " + FORM);
      }
      at = end + 1;
    }
    return config(cid, uds, ports, text, place);
  }

  private static VsockConfig config(
      long cid, @Nullable String uds, List<VsockConfig.Port> ports, String text, String place) {
    if (cid < 0) {
      throw new UsageException(
          place + ": no cid=N in '" + text + "': the guest's address, 3 or up");
    }
    if (uds == null && ports.isEmpty()) {
      throw new UsageException(place + ": '" + text + "' has no uds=PATH and no port=N:fd=M");
    }
    return new VsockConfig(cid, uds, ports);
  }

  private static int end(String text, int from) {
    int comma = text.indexOf(',', from);
    while (comma >= 0 && !isWord(text, comma + 1)) {
      comma = text.indexOf(',', comma + 1);
    }
    return comma < 0 ? text.length() : comma;
  }

  private static boolean isWord(String text, int at) {
    return text.startsWith("cid=", at)
        || text.startsWith("uds=", at)
        || text.startsWith("port=", at);
  }

  /** {@code N:fd=M}. */
  private static VsockConfig.Port port(String text, String place) {
    int colon = text.indexOf(":fd=");
    if (colon < 0) {
      throw new UsageException(place + ": port=" + text + " is not port=N:fd=M");
    }
    long fd = number(text.substring(colon + 4), place);
    if (fd > Integer.MAX_VALUE) {
      throw new UsageException(place + ": " + fd + " is no descriptor");
    }
    return new VsockConfig.Port(number(text.substring(0, colon), place), (int) fd);
  }

  private static long number(String text, String place) {
    try {
      long value = Long.parseLong(text);
      if (value >= 0 && text.charAt(0) != '+') {
        return value;
      }
    } catch (NumberFormatException e) {
      // told below
    }
    throw new UsageException(place + ": '" + text + "' is not a number");
  }
}
