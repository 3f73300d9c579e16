package io.jvmm.devices.block.qcow2;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.memory.IovecArray;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * A file on a host that loses power, or has no room left: of what was written since the last sync,
 * each sector is on the medium or not.
 */
final class CrashingFile implements ImageFile {
  private static final int SECTOR = 512;

  private final long length;
  private final List<Write> pending = new ArrayList<>();
  private byte[] live;
  private byte[] durable;
  private int liveLength;
  private int callsLeft;
  private int calls;
  private int room = Integer.MAX_VALUE;
  private boolean isDead;

  private static final class Write {
    final int offset;
    final byte[] content;

    Write(int offset, byte[] content) {
      this.offset = offset;
      this.content = content;
    }
  }

  /**
   * @param calls writes and syncs that succeed; the one after these is the last of all
   */
  CrashingFile(byte[] content, int calls) {
    this.live = content.clone();
    this.durable = content.clone();
    this.length = content.length;
    this.liveLength = content.length;
    this.callsLeft = calls;
  }

  /** From now on it can grow no longer than this. */
  void setRoom(int bytes) {
    room = bytes;
  }

  boolean isDead() {
    return isDead;
  }

  /** Writes and syncs so far. */
  int calls() {
    return calls;
  }

  /** What all that was written makes. */
  byte[] content() {
    return Arrays.copyOf(live, liveLength);
  }

  /** What the medium has after a crash: one of many possibilities. */
  byte[] afterCrash(Random random) {
    byte[] medium = durable.clone();
    int chance = random.nextInt(5) * 25;
    for (Write write : pending) {
      for (int at = 0; at < write.content.length; ) {
        int to = Math.min(write.content.length, at + SECTOR - (write.offset + at) % SECTOR);
        if (random.nextInt(100) < chance) {
          medium = apply(medium, write.offset + at, Arrays.copyOfRange(write.content, at, to));
        }
        at = to;
      }
    }
    return medium;
  }

  private static byte[] apply(byte[] medium, int offset, byte[] content) {
    byte[] large = medium;
    if (offset + content.length > medium.length) {
      large = Arrays.copyOf(medium, offset + content.length);
    }
    System.arraycopy(content, 0, large, offset, content.length);
    return large;
  }

  private int take(long offset, byte[] content) {
    if (isDead) {
      return -Errno.EIO;
    }
    if (offset + content.length > room) {
      return -Errno.ENOSPC;
    }
    pending.add(new Write((int) offset, content));
    if (offset + content.length > live.length) {
      live = Arrays.copyOf(live, (int) (offset + content.length) * 2);
    }
    System.arraycopy(content, 0, live, (int) offset, content.length);
    liveLength = Math.max(liveLength, (int) offset + content.length);
    return count();
  }

  private int count() {
    calls++;
    isDead = calls > callsLeft;
    return isDead ? -Errno.EIO : 0;
  }

  @Override
  public String name() {
    return "crashing";
  }

  @Override
  public long length() {
    return length;
  }

  private int there(long offset, long length) {
    return (int) Math.clamp(liveLength - offset, 0, length);
  }

  @Override
  public int read(CallState state, MemorySegment to, long at, long length, long offset) {
    int n = there(offset, length);
    if (n > 0) {
      MemorySegment.copy(MemorySegment.ofArray(live), offset, to, at, n);
    }
    to.asSlice(at + n, length - n).fill((byte) 0);
    return 0;
  }

  @Override
  public int readVector(CallState state, IovecArray buffers, long offset) {
    int n = there(offset, buffers.byteCount());
    buffers.copyFrom(MemorySegment.ofArray(live), n == 0 ? 0 : offset, n);
    buffers.advance(n);
    buffers.fillZero(buffers.byteCount());
    return 0;
  }

  @Override
  public int write(CallState state, MemorySegment from, long at, long length, long offset) {
    byte[] content = new byte[(int) length];
    MemorySegment.copy(from, at, MemorySegment.ofArray(content), 0, length);
    return take(offset, content);
  }

  @Override
  public int writeVector(CallState state, IovecArray buffers, long offset) {
    byte[] content = new byte[(int) buffers.byteCount()];
    buffers.copyTo(MemorySegment.ofArray(content), 0, content.length);
    buffers.advance(content.length);
    return take(offset, content);
  }

  @Override
  public int sync(CallState state) {
    int result = isDead ? -Errno.EIO : count();
    if (result == 0) {
      for (Write write : pending) {
        durable = apply(durable, write.offset, write.content);
      }
      pending.clear();
    }
    return result;
  }

  @Override
  public void release(CallState state, long offset, long length) {
    int n = there(offset, length);
    if (n > 0 && !isDead) {
      take(offset, new byte[n]);
    }
  }

  @Override
  public void close() {
    // It is only memory.
  }
}
