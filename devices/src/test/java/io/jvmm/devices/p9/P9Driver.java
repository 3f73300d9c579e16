package io.jvmm.devices.p9;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jvmm.devices.driver.DeviceUnderTest;
import io.jvmm.host.tree.Steps;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A driver's end of a share: puts messages together, and takes replies apart. */
final class P9Driver implements AutoCloseable {
  static final int ROOT = 1;

  private static final long OUT = DeviceUnderTest.DATA;
  private static final long IN = DeviceUnderTest.DATA + 0x200000;
  private static final int ROOM = 0x100000;
  private static final long BATCH = DeviceUnderTest.DATA + 0x400000;
  private static final int BATCH_ROOM = 0x10000;

  final DeviceUnderTest test;
  private final ByteBuffer message = ByteBuffer.allocate(ROOM).order(ByteOrder.LITTLE_ENDIAN);
  private ByteBuffer reply = ByteBuffer.allocate(0);
  private final long[] places = new long[256]; // by the head of their chain
  private int room = ROOM;
  private int posted;
  private int tag;

  P9Driver(Path folder, boolean readOnly) {
    this(plain(folder, readOnly));
  }

  P9Driver(ShareOptions options) {
    test = new DeviceUnderTest(loop -> SharedFolder.open(options, loop)).start();
  }

  private P9Driver(ShareOptions options, int heldMax) {
    test = new DeviceUnderTest(loop -> SharedFolder.open(options, loop, heldMax)).start();
  }

  static ShareOptions plain(Path folder, boolean readOnly) {
    return new ShareOptions(
        folder.toString(), "tag", readOnly, Security.NONE, null, CacheMode.MMAP);
  }

  /** Where no more than so many files may be held without being open. */
  static P9Driver mountHolding(Path folder, int heldMax) {
    return new P9Driver(plain(folder, false), heldMax).mounted();
  }

  private P9Driver(ShareOptions options, Steps steps) {
    test = new DeviceUnderTest(loop -> SharedFolder.open(options, loop, 1000, steps)).start();
  }

  /** Where steps are kept in bounds in this way. */
  static P9Driver mount(Path folder, Steps steps) {
    return mount(plain(folder, false), steps);
  }

  static P9Driver mount(ShareOptions options, Steps steps) {
    return new P9Driver(options, steps).mounted();
  }

  /** With a session, and the root as fid {@link #ROOT}. */
  static P9Driver mount(Path folder) {
    return new P9Driver(folder, false).mounted();
  }

  static P9Driver mountReadOnly(Path folder) {
    return new P9Driver(folder, true).mounted();
  }

  static P9Driver mount(ShareOptions options) {
    return new P9Driver(options).mounted();
  }

  private P9Driver mounted() {
    begin(P9.TVERSION).u32(ROOM).string("9P2000.L");
    expect();
    begin(P9.TATTACH).u32(ROOT).u32(P9.NOFID).string("root").string("").u32(0);
    expect();
    return this;
  }

  P9Driver begin(int type) {
    message.clear().putInt(0).put((byte) type).putShort((short) ++tag);
    return this;
  }

  P9Driver u8(int value) {
    message.put((byte) value);
    return this;
  }

  P9Driver u16(int value) {
    message.putShort((short) value);
    return this;
  }

  P9Driver u32(int value) {
    message.putInt(value);
    return this;
  }

  P9Driver u64(long value) {
    message.putLong(value);
    return this;
  }

  P9Driver string(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    message.putShort((short) bytes.length).put(bytes);
    return this;
  }

  P9Driver bytes(String text) {
    return raw(text.getBytes(StandardCharsets.UTF_8));
  }

  P9Driver raw(byte[] bytes) {
    message.put(bytes);
    return this;
  }

  /** Has so many bytes for the replies from now on. */
  P9Driver withRoom(int bytes) {
    room = bytes;
    return this;
  }

  /** Says that it is of another tag. */
  P9Driver tag(int number) {
    tag = number;
    message.putShort(5, (short) tag);
    return this;
  }

  /** Puts it into the queue, for {@link #exchange}. */
  void post() {
    message.putInt(0, message.position());
    long at = BATCH + (long) posted++ * BATCH_ROOM;
    test.memory.write(at, message.array(), 0, message.position());
    at += BATCH_ROOM / 2;
    int head =
        test.queue(0)
            .chain()
            .read(at - BATCH_ROOM / 2, message.position())
            .write(at, BATCH_ROOM / 2)
            .submit();
    places[head] = at;
  }

  /** Sends all that was posted at once; answers type and tag of each reply, as they came. */
  List<String> exchange() {
    test.ring(0);
    List<String> replies = new ArrayList<>();
    for (; posted > 0; posted--) {
      test.awaitUsed(0);
      byte[] header = new byte[P9.HEADER_SIZE];
      test.memory.read(places[test.queue(0).reapedHead()], header, 0, header.length);
      ByteBuffer told = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
      replies.add((told.get(4) & 0xff) + " " + told.getShort(5));
    }
    return replies;
  }

  /** Sends it; 0 for its reply, which is then there to read, or the error number. */
  int send() {
    int type = message.get(4) & 0xff;
    message.putInt(0, message.position());
    test.memory.write(OUT, message.array(), 0, message.position());
    test.queue(0).chain().read(OUT, message.position()).write(IN, room).submit();
    test.exchange(0);
    byte[] bytes = new byte[(int) test.queue(0).reapedLength()];
    test.memory.read(IN, bytes, 0, bytes.length);
    reply = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    assertEquals(bytes.length, reply.getInt(), "the reply's size");
    int told = reply.get() & 0xff;
    assertEquals(tag & 0xffff, reply.getShort() & 0xffff, "the reply's tag");
    if (told == P9.TLERROR + 1) {
      return reply.getInt();
    }
    assertEquals(type + 1, told, "the reply's type");
    return 0;
  }

  /** Sends it, and takes no error. */
  ByteBuffer expect() {
    assertEquals(0, send(), "an error number");
    return reply;
  }

  /** One step, or none, from a fid to a new one. */
  int walk(int fid, int newFid, String... names) {
    begin(P9.TWALK).u32(fid).u32(newFid).u16(names.length);
    for (String name : names) {
      string(name);
    }
    return send();
  }

  int open(int fid, int flags) {
    return begin(P9.TLOPEN).u32(fid).u32(flags).send();
  }

  String read(int fid, long offset, int count) {
    begin(P9.TREAD).u32(fid).u64(offset).u32(count);
    ByteBuffer data = expect();
    byte[] bytes = new byte[data.getInt()];
    data.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  int write(int fid, long offset, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return begin(P9.TWRITE).u32(fid).u64(offset).u32(bytes.length).bytes(text).send();
  }

  /** The qid's path that Tgetattr tells. */
  long path(int fid) {
    return begin(P9.TGETATTR).u32(fid).u64(P9.GETATTR_BASIC).expect().getLong(P9.HEADER_SIZE + 13);
  }

  /** An open directory's entries from the first on: names, and paths of qids. */
  Map<String, Long> list(int fid) {
    Map<String, Long> all = new TreeMap<>();
    long cookie = 0;
    while (true) {
      ByteBuffer entries = begin(P9.TREADDIR).u32(fid).u64(cookie).u32(8000).expect();
      if (entries.getInt() == 0) {
        return all;
      }
      while (entries.hasRemaining()) {
        entries.position(entries.position() + 5);
        long path = entries.getLong();
        cookie = entries.getLong();
        entries.get();
        byte[] name = new byte[entries.getShort()];
        entries.get(name);
        all.put(new String(name, StandardCharsets.UTF_8), path);
      }
    }
  }

  int clunk(int fid) {
    return begin(P9.TCLUNK).u32(fid).send();
  }

  ByteBuffer reply() {
    return reply;
  }

  @Override
  public void close() {
    test.close();
  }
}
