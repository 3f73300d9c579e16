package io.jvmm.boot.acpi;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes ACPI machine language (ACPI 6.4, 20.2): terms in the order of the calls; what encloses
 * others is opened by its own method and closed by {@link #end()}.
 */
final class Aml {
  private static final int ZERO_OP = 0x00;
  private static final int ONE_OP = 0x01;
  private static final int NAME_OP = 0x08;
  private static final int BYTE_PREFIX = 0x0A;
  private static final int WORD_PREFIX = 0x0B;
  private static final int DWORD_PREFIX = 0x0C;
  private static final int STRING_PREFIX = 0x0D;
  private static final int QWORD_PREFIX = 0x0E;
  private static final int SCOPE_OP = 0x10;
  private static final int BUFFER_OP = 0x11;
  private static final int PACKAGE_OP = 0x12;
  private static final int METHOD_OP = 0x14;
  private static final int DUAL_NAME_PREFIX = 0x2E;
  private static final int EXT_OP_PREFIX = 0x5B;
  private static final int DEVICE_OP = 0x82; // after EXT_OP_PREFIX
  private static final int NOTIFY_OP = 0x86;
  private static final int NAME_SEG_LENGTH = 4;
  private static final int METHOD_SERIALIZED = 0x08;

  /** PkgLength's forms hold 6, 12, 20 or 28 bits. */
  private static final int[] PACKAGE_LENGTH_MAX = {0x3F, 0xFFF, 0xF_FFFF, 0xFFF_FFFF};

  private static final int DEPTH_MAX = 8;

  private byte[] bytes = new byte[2048];
  private int length;
  private final int[] starts = new int[DEPTH_MAX];
  private int depth;

  /** Opens a scope, such as {@code \_SB}. */
  Aml scope(String name) {
    u8(SCOPE_OP);
    return begin().nameString(name);
  }

  /** Opens a device of the enclosing scope. */
  Aml device(String name) {
    u8(EXT_OP_PREFIX);
    u8(DEVICE_OP);
    return begin().nameString(name);
  }

  /** Opens a serialized method. */
  Aml method(String name, int argumentCount) {
    u8(METHOD_OP);
    begin().nameString(name);
    u8(argumentCount | METHOD_SERIALIZED);
    return this;
  }

  /** Opens a package of so many elements. */
  Aml beginPackage(int elementCount) {
    u8(PACKAGE_OP);
    begin();
    u8(elementCount);
    return this;
  }

  /** Gives the next term a name. */
  Aml name(String name) {
    u8(NAME_OP);
    return nameString(name);
  }

  /** {@code Name (name, value)}. */
  Aml name(String name, long value) {
    return name(name).integer(value);
  }

  /** {@code Name (name, "text")}. */
  Aml name(String name, String text) {
    return name(name).string(text);
  }

  /** {@code Notify (path, value)}. */
  Aml notify(String path, int value) {
    u8(NOTIFY_OP);
    return nameString(path).integer(value);
  }

  /** An integer, in its shortest form. */
  Aml integer(long value) {
    if (value == 0) {
      u8(ZERO_OP);
    } else if (value == 1) {
      u8(ONE_OP);
    } else if (value >>> 8 == 0) {
      u8(BYTE_PREFIX);
      u8((int) value);
    } else if (value >>> 16 == 0) {
      u8(WORD_PREFIX);
      little(value, 2);
    } else if (value >>> 32 == 0) {
      u8(DWORD_PREFIX);
      little(value, 4);
    } else {
      u8(QWORD_PREFIX);
      little(value, 8);
    }
    return this;
  }

  /** A string; ASCII without NUL. */
  Aml string(String text) {
    u8(STRING_PREFIX);
    ascii(text);
    u8(0);
    return this;
  }

  /** {@code EisaId ("PNP0501")}: three letters and four hex digits in a dword (ACPI 6.4, 6.1.5). */
  Aml eisaId(String id) {
    int vendor = (id.charAt(0) - '@') << 10 | (id.charAt(1) - '@') << 5 | (id.charAt(2) - '@');
    int product = Integer.parseInt(id, 3, 7, 16);
    return integer(Integer.toUnsignedLong(Integer.reverseBytes(vendor << 16 | product)));
  }

  /** {@code ResourceTemplate ()}: a buffer of resource descriptors. */
  Aml resources(Resources resources) {
    byte[] template = resources.bytes();
    u8(BUFFER_OP);
    begin().integer(template.length);
    for (byte b : template) {
      u8(b);
    }
    return end();
  }

  /** Closes what was opened last, and writes its length in front. */
  Aml end() {
    int start = starts[--depth];
    int body = length - start;
    int form = 0;
    while (body + form + 1 > PACKAGE_LENGTH_MAX[form]) {
      form++;
    }
    int prefix = form + 1;
    for (int i = 0; i < prefix; i++) {
      u8(0);
    }
    System.arraycopy(bytes, start, bytes, start + prefix, body);
    int value = body + prefix;
    if (form == 0) {
      bytes[start] = (byte) value;
    } else {
      bytes[start] = (byte) (form << 6 | (value & 0xF));
      for (int i = 1; i < prefix; i++) {
        bytes[start + i] = (byte) (value >>> (8 * i - 4));
      }
    }
    return this;
  }

  /** What was written. */
  byte[] bytes() {
    if (depth != 0) {
      throw new IllegalStateException("a term is still open");
    }
    return Arrays.copyOf(bytes, length);
  }

  private Aml begin() {
    starts[depth++] = length;
    return this;
  }

  /** One segment, or two after a root: {@code COM1}, {@code \_SB}, {@code \_SB.PWRB}. */
  private Aml nameString(String name) {
    int from = 0;
    if (name.charAt(0) == '\\') {
      u8('\\');
      from = 1;
    }
    int dot = name.indexOf('.');
    if (dot < 0) {
      return nameSegment(name, from, name.length());
    }
    u8(DUAL_NAME_PREFIX);
    return nameSegment(name, from, dot).nameSegment(name, dot + 1, name.length());
  }

  private Aml nameSegment(String name, int from, int to) {
    if (to <= from || to - from > NAME_SEG_LENGTH) {
      throw new IllegalArgumentException("ACPI name " + name);
    }
    for (int i = 0; i < NAME_SEG_LENGTH; i++) {
      char c = from + i < to ? name.charAt(from + i) : '_';
      if (c == '.' || c == '\\') {
        throw new IllegalArgumentException("ACPI name " + name);
      }
      u8(c);
    }
    return this;
  }

  private void ascii(String text) {
    for (byte b : text.getBytes(StandardCharsets.US_ASCII)) {
      u8(b);
    }
  }

  private void little(long value, int byteCount) {
    for (int i = 0; i < byteCount; i++) {
      u8((int) (value >>> (8 * i)));
    }
  }

  private void u8(int value) {
    if (length == bytes.length) {
      bytes = Arrays.copyOf(bytes, 2 * length);
    }
    bytes[length++] = (byte) value;
  }
}
