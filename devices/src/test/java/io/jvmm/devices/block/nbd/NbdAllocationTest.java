package io.jvmm.devices.block.nbd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.socket.Socket;
import io.jvmm.memory.IovecArray;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class NbdAllocationTest {
  private static final int REQUESTS = 2000;

  /** C1 code allocates inside the JDK's downcalls; so many batches until C2 has taken over. */
  private static final int MAX_BATCHES = 2000;

  private static final ValueLayout.OfInt BE32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private final CallState state = CallState.current();
  private final NbdRequests requests = new NbdRequests();
  private int ended;

  /** Client and server on one thread, over a real socket: the server's part allocates nothing. */
  @Test
  void aRequestAllocatesNothingOnceWarm() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    Socket[] pair = Socket.pair("test");
    try (Socket client = pair[0];
        Socket server = pair[1];
        Arena arena = Arena.ofConfined();
        NbdSender sender = new NbdSender(requests);
        NbdReceiver receiver = new NbdReceiver(requests, this::count);
        IovecArray buffers = new IovecArray(2)) {
      MemorySegment data = arena.allocate(4096, 8);
      buffers.add(data.address(), 1024);
      buffers.add(data.address() + 2048, 512);
      MemorySegment wire = arena.allocate(1 << 16, 8);
      NbdChannel channel = new PlainChannel(client);
      long thread = Thread.currentThread().threadId();
      long least = Long.MAX_VALUE;
      for (int batch = 0; batch < MAX_BATCHES && least > 0; batch++) {
        long before = threads.getThreadAllocatedBytes(thread);
        for (int i = 0; i < REQUESTS; i++) {
          exchange(sender, receiver, channel, server, buffers, wire, i);
        }
        least = Math.min(least, threads.getThreadAllocatedBytes(thread) - before);
      }
      assertEquals(0, least, "bytes for " + REQUESTS + " exchanges, at best");
    }
  }

  private void count(CallState ignored, NbdRequest request, int result) {
    requests.remove(request);
    ended += result == 0 ? 1 : 100;
  }

  private void exchange(
      NbdSender sender,
      NbdReceiver receiver,
      NbdChannel channel,
      Socket server,
      IovecArray buffers,
      MemorySegment wire,
      int number) {
    int type = number % 2 == 0 ? NbdProtocol.CMD_READ : NbdProtocol.CMD_WRITE;
    ended = 0;
    requests.add(type, 0, 0, 1536, buffers, 1);
    requests.add(NbdProtocol.CMD_FLUSH, 0, 0, 0, null, 2);
    sender.send(state, channel);
    long got = server.tryReceive(state, wire.address(), wire.byteSize());
    long second = type == NbdProtocol.CMD_WRITE ? 28 + 1536 : 28;
    if (got != second + 28) {
      throw new IllegalStateException("received " + got);
    }
    long flush = wire.get(ValueLayout.JAVA_LONG_UNALIGNED, second + 8);
    long first = wire.get(ValueLayout.JAVA_LONG_UNALIGNED, 8);
    long length = reply(wire, 0, first);
    length += type == NbdProtocol.CMD_READ ? 1536 : 0;
    length = reply(wire, length, flush);
    server.trySend(state, wire.address(), length);
    int result = receiver.receive(state, channel, false);
    if (result < 0 || ended != 2) {
      throw new IllegalStateException(Errno.symbol(-result) + ", ended " + ended);
    }
  }

  private static long reply(MemorySegment wire, long at, long cookie) {
    wire.set(BE32, at, NbdProtocol.SIMPLE_REPLY_MAGIC);
    wire.set(BE32, at + 4, 0);
    wire.set(ValueLayout.JAVA_LONG_UNALIGNED, at + 8, cookie);
    return at + NbdProtocol.SIMPLE_REPLY_SIZE;
  }
}
