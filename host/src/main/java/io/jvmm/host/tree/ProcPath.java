package io.jvmm.host.tree;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/**
 * The path that leads to what a descriptor holds, whatever its name is by now: for the calls that
 * take a path alone. A process without /proc gets ENOENT from them.
 *
 * <p>Threads: belongs to one.
 */
final class ProcPath {
  private static final String PREFIX = "/proc/self/fd/";
  private static final int DIGITS_MAX = 10;

  private final byte[] bytes = new byte[PREFIX.length() + DIGITS_MAX + 1];
  private final MemorySegment view = MemorySegment.ofArray(bytes);
  private final MemorySegment path = Arena.ofAuto().allocate(PREFIX.length() + DIGITS_MAX + 1L);

  ProcPath() {
    byte[] prefix = PREFIX.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(prefix, 0, bytes, 0, prefix.length);
  }

  /** Its address, good until the next call. */
  long of(int fd) {
    int digits = 1;
    for (int rest = fd / 10; rest > 0; rest /= 10) {
      digits++;
    }
    int end = PREFIX.length() + digits;
    bytes[end] = 0;
    int rest = fd;
    for (int at = end - 1; at >= PREFIX.length(); at--) {
      bytes[at] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    MemorySegment.copy(view, 0, path, 0, end + 1L);
    return path.address();
  }
}
