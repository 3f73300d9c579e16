package io.jvmm.devices.vsock;

import io.jvmm.host.Errno;
import io.jvmm.memory.IovecArray;
import io.netty.buffer.ByteBuf;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;

/**
 * What a handler has written and the guest has not taken.
 *
 * <p>Threads: any, every method; the device's I/O thread reads.
 */
final class HandlerOutput {
  // Guarded by this.
  private final ArrayDeque<ByteBuf> waiting = new ArrayDeque<>();
  private int waitingBytes;
  private boolean ended;
  private boolean closed;
  private boolean wantsRoom;

  /** Takes one more, which is this object's where the answer is true. */
  synchronized boolean offer(ByteBuf data) {
    if (ended) {
      return false;
    }
    int length = data.readableBytes();
    if (waitingBytes > 0 && waitingBytes + (long) length > VsockConnection.WRITE_BUFFER_BYTES) {
      wantsRoom = true;
      return false;
    }
    waiting.add(data);
    waitingBytes += length;
    return true;
  }

  /**
   * Reads as {@link HostEnd#tryRead}.
   *
   * @param messages whether each buffer is a message
   */
  synchronized long read(IovecArray to, boolean messages) {
    if (messages && !waiting.isEmpty()) {
      return readMessage(to);
    }
    long length = 0;
    long room = to.byteCount();
    while (!waiting.isEmpty() && length < room) {
      ByteBuf first = waiting.getFirst();
      length += move(first, to, room - length);
      if (!first.isReadable()) {
        waiting.removeFirst().release();
      }
    }
    return length == 0 && !ended ? -Errno.EAGAIN : length; // empty buffers are not the end
  }

  private long readMessage(IovecArray to) {
    ByteBuf message = waiting.removeFirst();
    long length = message.readableBytes();
    move(message, to, to.byteCount());
    waitingBytes -= message.readableBytes();
    message.release();
    return length;
  }

  private int move(ByteBuf from, IovecArray to, long room) {
    int length = (int) Math.min(from.readableBytes(), room);
    if (from.hasArray()) {
      int at = from.arrayOffset() + from.readerIndex();
      to.copyFrom(MemorySegment.ofArray(from.array()), at, length);
    } else {
      byte[] bytes = new byte[length];
      from.getBytes(from.readerIndex(), bytes);
      to.copyFrom(MemorySegment.ofArray(bytes), 0, length);
    }
    to.advance(length);
    from.skipBytes(length);
    waitingBytes -= length;
    return length;
  }

  /** Whether there is room for who was refused: true once. */
  synchronized boolean hasRoomAgain() {
    boolean again = wantsRoom && waitingBytes < VsockConnection.WRITE_BUFFER_BYTES / 2;
    wantsRoom &= !again;
    return again;
  }

  /** Nothing more is taken; what waits still goes. */
  synchronized void end() {
    ended = true;
  }

  /** The same, and after that the connection is at its end. */
  synchronized void close() {
    ended = true;
    closed = true;
  }

  /** Whether it was closed, and nothing waits. */
  synchronized boolean isClosed() {
    return closed && waiting.isEmpty();
  }

  /** Nothing more is taken, and what waits is thrown away. */
  synchronized void drop() {
    ended = true;
    for (ByteBuf data : waiting) {
      data.release();
    }
    waiting.clear();
    waitingBytes = 0;
  }
}
