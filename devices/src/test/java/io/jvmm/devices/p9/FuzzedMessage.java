package io.jvmm.devices.p9;

import io.jvmm.virtio.fuzz.FuzzInput;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A message as a fuzzer chooses it: of any type, with the right fields in the right order, about
 * few fids, names and tags, so that messages meet; and now and then with a number or a length that
 * makes no sense.
 */
final class FuzzedMessage {
  static final int FIDS = 6;
  static final int TAGS = 8;

  /** What is there at the beginning, what may come to be, ways out, and what is no name. */
  static final List<String> NAMES =
      List.of(
          "file",
          "dir",
          "link",
          "out",
          "up",
          "new",
          "other",
          "pipe",
          "",
          ".",
          "..",
          "/",
          "a/b",
          "x\0y",
          "../secret",
          "/proc/self/root");

  private static final int[] TYPES = {
    P9.TSTATFS,
    P9.TLOPEN,
    P9.TLCREATE,
    P9.TSYMLINK,
    P9.TMKNOD,
    P9.TRENAME,
    P9.TREADLINK,
    P9.TGETATTR,
    P9.TSETATTR,
    P9.TXATTRWALK,
    P9.TXATTRCREATE,
    P9.TREADDIR,
    P9.TFSYNC,
    P9.TLOCK,
    P9.TGETLOCK,
    P9.TLINK,
    P9.TMKDIR,
    P9.TRENAMEAT,
    P9.TUNLINKAT,
    P9.TVERSION,
    P9.TAUTH,
    P9.TATTACH,
    P9.TFLUSH,
    P9.TWALK,
    P9.TWALK,
    P9.TREAD,
    P9.TWRITE,
    P9.TCLUNK,
    P9.TREMOVE
  };

  private final FuzzInput input;
  private final ByteBuffer message = ByteBuffer.allocate(8192).order(ByteOrder.LITTLE_ENDIAN);

  private FuzzedMessage(FuzzInput input) {
    this.input = input;
  }

  /** The next one, whole or spoiled. */
  static byte[] next(FuzzInput input) {
    FuzzedMessage made = new FuzzedMessage(input);
    int type = input.below(64) == 0 ? input.u8() : TYPES[input.below(TYPES.length)];
    made.message.putInt(0).put((byte) type).putShort((short) input.below(TAGS));
    made.body(type);
    return made.spoil();
  }

  private void body(int type) {
    switch (type) {
      case P9.TVERSION -> number().text(input.below(8) == 0 ? "9P2000.u" : "9P2000.L");
      case P9.TAUTH -> fid().name().name().number();
      case P9.TATTACH -> fid().u32(P9.NOFID).text("").text("").number();
      case P9.TFLUSH -> message.putShort((short) input.below(TAGS));
      case P9.TWALK -> walk();
      case P9.TLOPEN, P9.TFSYNC -> fid().flags();
      case P9.TLCREATE -> fid().name().flags().number().number();
      case P9.TSYMLINK -> fid().name().name().number();
      case P9.TMKNOD -> fid().name().u32(input.u16()).number().number().number();
      case P9.TRENAME, P9.TLINK -> fid().fid().name();
      case P9.TGETATTR -> fid().offset();
      case P9.TSETATTR -> fid().flags().number().number().number().offset().times();
      case P9.TXATTRWALK -> fid().fid().attribute();
      case P9.TXATTRCREATE -> fid().attribute().offset().u32(input.below(4));
      case P9.TREADDIR, P9.TREAD -> fid().offset().number();
      case P9.TWRITE -> write();
      case P9.TLOCK -> lock(true);
      case P9.TGETLOCK -> lock(false);
      case P9.TMKDIR -> fid().name().number().number();
      case P9.TRENAMEAT -> fid().name().fid().name();
      case P9.TUNLINKAT -> fid().name().u32(input.bool() ? P9.DOTL_AT_REMOVEDIR : input.u8());
      default -> fid();
    }
  }

  private void walk() {
    int names = input.below(32) == 0 ? input.u16() : input.below(4);
    fid().fid();
    message.putShort((short) names);
    for (int i = 0; i < Math.min(names, P9.WALK_MAX + 1); i++) {
      name();
    }
  }

  private void write() {
    fid().offset();
    int length = input.below(64);
    message.putInt(input.below(16) == 0 ? input.i32() : length);
    for (int i = 0; i < length; i++) {
      message.put((byte) input.u8());
    }
  }

  private void lock(boolean withFlags) {
    fid();
    message.put((byte) input.below(4));
    if (withFlags) {
      message.putInt(input.below(4));
    }
    offset().offset().number().name();
  }

  private FuzzedMessage fid() {
    return u32(input.below(64) == 0 ? input.i32() : input.below(FIDS));
  }

  private FuzzedMessage name() {
    return text(NAMES.get(input.below(NAMES.size())));
  }

  private FuzzedMessage attribute() {
    return text(input.bool() ? "user.a" : input.bool() ? "" : "user.virtfs.uid");
  }

  /** Mostly what programs ask for: access modes, O_CREAT and above, and bits of Tsetattr. */
  private FuzzedMessage flags() {
    return u32(input.below(16) == 0 ? input.i32() : input.u16() & 0x1fff);
  }

  private FuzzedMessage number() {
    return u32(input.below(16) == 0 ? input.i32() : input.u16());
  }

  private FuzzedMessage offset() {
    message.putLong(input.below(16) == 0 ? input.i64() : input.u16());
    return this;
  }

  private void times() {
    offset().offset().offset().offset();
  }

  private FuzzedMessage u32(int value) {
    message.putInt(value);
    return this;
  }

  private FuzzedMessage text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    message.putShort((short) (input.below(64) == 0 ? input.u16() : bytes.length)).put(bytes);
    return this;
  }

  /** Now and then too short, too long, or of another size than it says. */
  private byte[] spoil() {
    int length = message.position();
    int told = length;
    switch (input.below(48)) {
      case 1 -> length = input.below(length + 1);
      case 2 -> {
        length += input.below(32);
        told = length;
      }
      case 3 -> told = input.i32();
      case 4 -> told = length + input.below(16) - 8;
      default -> {
        // as it should be
      }
    }
    message.putInt(0, told);
    byte[] bytes = new byte[length];
    message.get(0, bytes);
    return bytes;
  }
}
