package io.jvmm.devices.balloon;

import io.jvmm.devices.queue.Counter;
import io.jvmm.host.CallState;
import io.jvmm.memory.GuestMemory;

/**
 * Gives pages back to the host, neighbours in one system call.
 *
 * <p>Threads: the device's I/O thread; any for the counters.
 */
final class PageRelease {
  private static final long PAGE_SIZE = 1L << BalloonConfig.PAGE_SHIFT;

  private final Counter bytes = new Counter();
  private final Counter calls = new Counter();
  private final Counter refused = new Counter();
  private long start;
  private long end;

  /** Hot: one page of the guest, or what it says is one. */
  void add(CallState state, GuestMemory memory, long pfn) {
    long gpa = pfn << BalloonConfig.PAGE_SHIFT;
    if (memory.translate(gpa, PAGE_SIZE) == GuestMemory.UNMAPPED) {
      refused.add(1);
      return;
    }
    if (start != end) {
      if (gpa == end) {
        end += PAGE_SIZE;
        return;
      }
      if (gpa + PAGE_SIZE == start) { // Linux counts downwards at times
        start = gpa;
        return;
      }
      flush(state, memory);
    }
    start = gpa;
    end = gpa + PAGE_SIZE;
  }

  /** Hot: gives back what was added. */
  void flush(CallState state, GuestMemory memory) {
    if (start != end) {
      range(state, memory, start, end - start);
      start = 0;
      end = 0;
    }
  }

  /** Hot: whole pages in RAM. */
  void range(CallState state, GuestMemory memory, long gpa, long length) {
    calls.add(1);
    if (memory.tryRelease(state, gpa, length) < 0) {
      refused.add(1);
    } else {
      bytes.add(length);
    }
  }

  /** Something that is no page of the guest, or more than is taken at a time. */
  void refuse() {
    refused.add(1);
  }

  /** Bytes that were given back. */
  long bytes() {
    return bytes.get();
  }

  /** System calls for that. */
  long calls() {
    return calls.get();
  }

  /** How often something was not given back. */
  long refused() {
    return refused.get();
  }
}
