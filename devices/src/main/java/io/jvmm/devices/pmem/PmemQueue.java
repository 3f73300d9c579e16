package io.jvmm.devices.pmem;

import io.jvmm.devices.queue.ChainHandler;
import io.jvmm.devices.queue.Counter;
import io.jvmm.host.CallState;
import io.jvmm.memory.GuestMemory;
import io.jvmm.virtio.StatsSink;
import io.jvmm.virtio.queue.DescriptorChain;

/**
 * Answers flushes (virtio 1.2, 5.19.6), {@code le32 type} to {@code le32 ret}. The image is
 * read-only, so there is never anything to flush.
 *
 * <p>Threads: the device's I/O thread; any for the counters.
 */
final class PmemQueue implements ChainHandler {
  static final int VIRTIO_PMEM_REQ_TYPE_FLUSH = 0;

  private static final int OK = 0;
  private static final int FAILED = -1;
  private static final int BITS = Integer.BYTES * Byte.SIZE;

  private final Counter flushes = new Counter();
  private final Counter errors = new Counter();

  @Override
  public long serve(CallState state, GuestMemory memory, DescriptorChain chain) {
    int type = 0;
    int typeBits = 0;
    int answer = FAILED;
    int written = 0;
    while (written < Integer.BYTES && chain.next()) {
      long length = chain.length();
      if (!chain.isWritable()) {
        for (long i = 0; i < length && typeBits < BITS; i++, typeBits += Byte.SIZE) {
          type |= (memory.getByte(chain.gpa() + i) & 0xff) << typeBits;
        }
        continue;
      }
      if (typeBits == BITS && type == VIRTIO_PMEM_REQ_TYPE_FLUSH) {
        answer = OK;
      }
      for (long i = 0; i < length && written < Integer.BYTES; i++, written++) {
        memory.setByte(chain.gpa() + i, (byte) (answer >>> (written * Byte.SIZE)));
      }
    }
    (answer == OK && written == Integer.BYTES ? flushes : errors).add(1);
    return written;
  }

  void report(StatsSink sink) {
    sink.count("flush.requests", flushes.get());
    sink.count("error.requests", errors.get());
  }
}
