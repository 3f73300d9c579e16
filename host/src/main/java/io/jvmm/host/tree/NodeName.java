package io.jvmm.host.tree;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * A name in native memory, as system calls take it: bytes of any encoding and a NUL. Reused.
 *
 * <p>Threads: belongs to one.
 */
public final class NodeName {
  /** Linux' NAME_MAX ({@code linux/limits.h}): the most bytes of one name. */
  public static final int NAME_MAX = 255;

  /** Linux' PATH_MAX less the NUL: the most bytes of a symbolic link's target. */
  public static final int TARGET_MAX = 4095;

  /** Where it is looked at ({@link io.jvmm.host.LittleEndian} says why), with the NUL. */
  private final byte[] bytes;

  private final MemorySegment view;

  /** Where system calls find it. */
  private final MemorySegment place;

  private final int max;
  private int length;

  /**
   * An empty name.
   *
   * @param max the most bytes: {@link #NAME_MAX} or {@link #TARGET_MAX}
   */
  public NodeName(int max) {
    this.max = max;
    this.bytes = new byte[max + 1];
    this.view = MemorySegment.ofArray(bytes);
    this.place = Arena.ofAuto().allocate(bytes.length);
  }

  /**
   * Takes a copy.
   *
   * @return false where it is longer than fits or has a NUL inside, and then the name is empty
   */
  public boolean set(byte[] from, int offset, int newLength) {
    if (newLength > max) {
      clear();
      return false;
    }
    for (int i = 0; i < newLength; i++) {
      byte b = from[offset + i];
      if (b == 0) {
        clear();
        return false;
      }
      bytes[i] = b;
    }
    end(newLength);
    return true;
  }

  private void end(int newLength) {
    length = newLength;
    bytes[newLength] = 0;
    MemorySegment.copy(view, 0, place, 0, newLength + 1L);
  }

  /** Makes it empty. */
  public void clear() {
    end(0);
  }

  /** Takes a copy of bytes that are a name. */
  public void set(byte[] from) {
    set(from, 0, from.length);
  }

  /** Whether it begins with these bytes. */
  public boolean startsWith(byte[] prefix) {
    if (length < prefix.length) {
      return false;
    }
    for (int i = 0; i < prefix.length; i++) {
      if (at(i) != prefix[i]) {
        return false;
      }
    }
    return true;
  }

  /**
   * Puts bytes before it.
   *
   * @return false where it then is longer than fits, and stays as it was
   */
  public boolean prepend(byte[] prefix) {
    if (length + prefix.length > max) {
      return false;
    }
    System.arraycopy(bytes, 0, bytes, prefix.length, length);
    System.arraycopy(prefix, 0, bytes, 0, prefix.length);
    end(length + prefix.length);
    return true;
  }

  /** A copy of its bytes. */
  public byte[] toBytes() {
    return Arrays.copyOf(bytes, length);
  }

  /** In bytes. */
  public int length() {
    return length;
  }

  /** Whether it names something in a directory: not empty, no {@code /}, neither dot nor dots. */
  public boolean isEntry() {
    return length > 0 && !isDot() && !isDotDot() && !hasSlash();
  }

  /** Whether it is {@code .}. */
  public boolean isDot() {
    return length == 1 && at(0) == '.';
  }

  /** Whether it is {@code ..}. */
  public boolean isDotDot() {
    return length == 2 && at(0) == '.' && at(1) == '.';
  }

  /** Whether it is {@code /}. */
  public boolean isRoot() {
    return length == 1 && at(0) == '/';
  }

  /** Whether it is more than a name, or leads up: what one step must not be. */
  boolean isPath() {
    return isDotDot() || hasSlash();
  }

  private boolean hasSlash() {
    for (int i = 0; i < length; i++) {
      if (at(i) == '/') {
        return true;
      }
    }
    return false;
  }

  private byte at(int index) {
    return bytes[index];
  }

  /** Where it lies, for a system call. */
  long address() {
    return place.address();
  }
}
