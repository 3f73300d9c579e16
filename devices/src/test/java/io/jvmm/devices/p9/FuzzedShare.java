package io.jvmm.devices.p9;

import io.jvmm.devices.driver.DeviceUnderTest;
import io.jvmm.virtio.driver.DriverQueue;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** A share and its driver, which puts messages into chains of any cut and looks at each reply. */
final class FuzzedShare {
  private static final int SLOT = 0x10000;
  private static final int REPLY_AT = SLOT / 2;
  private static final int REPLY_ROOM = 0x4000;
  private static final int SLOTS = 12; // of up to five descriptors each

  /** Few, so that files are let go and opened again. */
  private static final int FILES_HELD = 3;

  private static final byte GUARD = (byte) 0xa5;
  private static final byte[] VERSION = {
    21, 0, 0, 0, P9.TVERSION, -1, -1, 0, 0x20, 0, 0, 8, 0, '9', 'P', '2', '0', '0', '0', '.', 'L'
  };

  private final FuzzedFolder folder = FuzzedFolder.make();
  private final DeviceUnderTest test;
  private final int[] slots = new int[64]; // by the head of their chain
  private final int[] tags = new int[SLOTS];
  private final int[] rooms = new int[SLOTS]; // -1 where no chain is out
  private int used;

  FuzzedShare() throws IOException {
    ShareOptions options = P9Driver.plain(folder.shared(), false);
    test = new DeviceUnderTest(loop -> SharedFolder.open(options, loop, FILES_HELD)).start();
  }

  /** A folder and a session as each input finds them. */
  void begin() throws IOException {
    folder.fill();
    version();
  }

  /** Ends the session, and asks what must hold then. */
  void end() throws IOException {
    exchange();
    version();
    check(test.counter("fids") == 0, "a fid outlives its session");
    check(test.failures.isEmpty(), test.failures.toString());
    folder.check();
  }

  boolean isFull() {
    return used == SLOTS;
  }

  private void version() {
    post(VERSION, 1, REPLY_ROOM);
    exchange();
  }

  /** Into the queue, cut into so many pieces, and the room for the reply into two. */
  void post(byte[] message, int pieces, int room) {
    long at = DeviceUnderTest.DATA + (long) used * SLOT;
    test.memory.fill(at, SLOT, GUARD);
    test.memory.write(at, message, 0, message.length);
    DriverQueue.Chain chain = test.queue(0).chain();
    int piece = message.length / pieces;
    for (int i = 0; i < pieces; i++) {
      int length = i == pieces - 1 ? message.length - i * piece : piece;
      chain.read(at + (long) i * piece, length);
    }
    int first = room / 3;
    chain.write(at + REPLY_AT, first).write(at + REPLY_AT + first, room - first);
    slots[chain.submit()] = used;
    tags[used] = message.length < P9.HEADER_SIZE ? -1 : (message[5] & 0xff) | message[6] << 8;
    rooms[used] = room;
    used++;
  }

  /** Has all dealt with that was posted, and looks at the replies. */
  void exchange() {
    test.ring(0);
    for (int left = used; left > 0; left--) {
      test.awaitUsed(0);
      int slot = slots[test.queue(0).reapedHead()];
      check(rooms[slot] >= 0, "a chain was answered twice");
      look(slot, (int) test.queue(0).reapedLength());
      rooms[slot] = -1;
    }
    used = 0;
  }

  private void look(int slot, int length) {
    check(length <= rooms[slot], "a reply of " + length + " bytes in room of " + rooms[slot]);
    byte[] area = new byte[SLOT - REPLY_AT];
    test.memory.read(DeviceUnderTest.DATA + (long) slot * SLOT + REPLY_AT, area, 0, area.length);
    for (int i = rooms[slot]; i < area.length; i++) {
      check(area[i] == GUARD, "a byte was written beside the buffers");
    }
    if (length == 0) {
      return; // no answer can be given
    }
    ByteBuffer reply = ByteBuffer.wrap(area, 0, length).order(ByteOrder.LITTLE_ENDIAN);
    check(length >= P9.HEADER_SIZE && reply.getInt() == length, "a reply that is not whole");
    int type = reply.get() & 0xff;
    check(type == P9.TLERROR + 1 || (type & 1) == 1, "a reply of type " + type);
    check(tags[slot] == -1 || reply.getShort() == (short) tags[slot], "a reply of another tag");
    folder.checkText(Arrays.copyOf(area, length));
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }
}
