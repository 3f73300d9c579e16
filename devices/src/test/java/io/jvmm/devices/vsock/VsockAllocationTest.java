package io.jvmm.devices.vsock;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import io.jvmm.devices.vsock.GuestDouble.Packet;
import io.jvmm.host.CallState;
import io.jvmm.host.socket.Socket;
import io.jvmm.virtio.jvm.ShippedJvm;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class VsockAllocationTest {
  private static final int ROUNDS = 1000;

  /** So many batches until the compilers are through. */
  private static final int MAX_BATCHES = 300;

  /** In the JVM that is shipped: as compilers and collector are set there. */
  @Test
  void dataAndCreditAllocateNothingOnceWarm() throws IOException, InterruptedException {
    String bytes = ShippedJvm.run(VsockAllocationTest.class, List.of());
    assertEquals("0", bytes, () -> bytes + " bytes for " + ROUNDS + " packets each way, at best");
  }

  /** Prints the bytes that the I/O thread has allocated in the best batch. */
  public static void main(String[] args) throws InterruptedException {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    Socket[] pair = Socket.pair("test");
    CallState state = CallState.current();
    try (Socket peer = pair[0];
        GuestDouble guest =
            new GuestDouble(
                () -> {
                  VsockPlaces places = VsockPlaces.none();
                  places.bind(7, pair[1].fd().number());
                  return places;
                })) {
      pair[1].close();
      guest.connect(1, 7);
      long thread = loopThread(guest);
      byte[] data = new byte[3000];
      int received = 0;
      long least = Long.MAX_VALUE;
      for (int batch = 0; batch < MAX_BATCHES && least > 0; batch++) {
        long before = threads.getThreadAllocatedBytes(thread);
        for (int i = 0; i < ROUNDS; i++) {
          guest.send(1, GuestDouble.RW, 1, 7, 0, GuestDouble.ROOM, received, data);
          long length = peer.tryReceive(state, state.scratch().address(), data.length);
          peer.trySend(state, state.scratch().address(), length);
          Packet packet;
          do {
            packet = guest.receive();
          } while (packet.op() != GuestDouble.RW);
          received += packet.data().length;
        }
        least = Math.min(least, threads.getThreadAllocatedBytes(thread) - before);
      }
      System.out.println(least);
    }
  }

  private static long loopThread(GuestDouble guest) throws InterruptedException {
    AtomicLong id = new AtomicLong();
    CountDownLatch told = new CountDownLatch(1);
    guest.test.loop.execute(
        () -> {
          id.set(Thread.currentThread().threadId());
          told.countDown();
        });
    told.await();
    return id.get();
  }
}
