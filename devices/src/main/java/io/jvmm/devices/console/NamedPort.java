package io.jvmm.devices.console;

/**
 * One port: the name that programs in the guest look for, and the host's end.
 *
 * @param name {@value #NAME_MAX} characters at most, of letters, digits, {@code .}, {@code _} and
 *     {@code -}
 * @param end becomes the device's
 */
public record NamedPort(String name, HostEnd end) {
  /**
   * What fits a message beside its header in the smallest buffer that a driver is likely to use.
   */
  public static final int NAME_MAX = 64;

  /** Whether a port may have this name. */
  public static boolean isName(String name) {
    if (name.isEmpty() || name.length() > NAME_MAX) {
      return false;
    }
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean fits =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || c == '.'
              || c == '_'
              || c == '-';
      if (!fits) {
        return false;
      }
    }
    return true;
  }

  /**
   * Checks the name.
   *
   * @throws IllegalArgumentException where it is none
   */
  public NamedPort {
    if (!isName(name)) {
      throw new IllegalArgumentException("port name '" + name + "'");
    }
  }
}
