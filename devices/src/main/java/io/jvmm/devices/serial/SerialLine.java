package io.jvmm.devices.serial;

import io.jvmm.host.CallState;
import io.jvmm.host.TimerFd;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The wire between a {@link Serial} chip and a {@link SerialConsole}: a bounded ring of bytes each
 * way, and the bells by which each side wakes the other.
 *
 * <p>The chip's bell is a timer: a byte rings it a millisecond later, the end of a line at once. So
 * a kernel's messages wake the io thread once a line, not once a byte, and a prompt still appears.
 *
 * <p>Threads: the chip's methods are called by one vCPU thread at a time (the chip's lock sees to
 * it), the console's by the io thread. Neither side ever waits for the other. The owner closes
 * after the vCPU threads have stopped and the console is closed.
 */
public final class SerialLine implements AutoCloseable {
  /** Output that the host has not taken yet: a few screens. */
  static final int OUTPUT_BYTES = 16 * 1024;

  /** Input that the guest has not read yet: a paste of some size; more waits with the console. */
  static final int INPUT_BYTES = 4 * 1024;

  /** The chip may send as many bytes without looking as its FIFO takes. */
  private static final int BURST_BYTES = Serial.FIFO_BYTES;

  /** Nobody has rung since the io thread last began to work. */
  private static final int QUIET = 0;

  /** The bell will ring soon. */
  private static final int SOON = 1;

  /** The bell has rung. */
  private static final int RUNG = 2;

  /** Too short to be seen, long enough for a kernel's line. */
  private static final long SOON_NANOS = 1_000_000;

  /** What the chip hears, on the io thread. */
  interface Chip {
    void bytesArrived(CallState state);

    void roomMade(CallState state);
  }

  private final ByteRing output = new ByteRing(OUTPUT_BYTES);
  private final ByteRing input = new ByteRing(INPUT_BYTES);
  private final TimerFd doorbell;
  private volatile @Nullable Chip chip;
  private final AtomicInteger bell = new AtomicInteger(QUIET);

  /** The chip has seen the output ring full and waits for {@link Chip#roomMade}. */
  private volatile boolean chipWaits;

  /** The console has seen the input ring full and waits for the doorbell. */
  private volatile boolean consoleWaits;

  private final AtomicLong dropped = new AtomicLong();

  private SerialLine(TimerFd doorbell) {
    this.doorbell = doorbell;
  }

  /**
   * Makes one with nothing at either end.
   *
   * @throws io.jvmm.host.SyscallException where the host has no descriptor left
   */
  public static SerialLine open(String role) {
    return new SerialLine(TimerFd.create(role));
  }

  /** Bytes that the guest sent although there was no room, and that are lost. */
  public long droppedBytes() {
    return dropped.get();
  }

  // The chip's side.

  void connect(Chip newChip) {
    chip = newChip;
  }

  /** Whether a burst can be sent; where not, the chip will hear when it can. */
  boolean canSend() {
    if (output.free() >= BURST_BYTES) {
      return true;
    }
    chipWaits = true;
    return output.free() >= BURST_BYTES; // looked at after the flag: taken() does the reverse
  }

  void send(CallState state, byte value) {
    if (!output.put(value)) {
      dropped.incrementAndGet();
    } else if (value == '\n' || output.available() >= OUTPUT_BYTES / 2) {
      ring(state);
    } else if (bell.compareAndSet(QUIET, SOON)) {
      doorbell.set(state, SOON_NANOS);
    }
  }

  int received() {
    return input.available();
  }

  byte receive(CallState state) {
    byte value = input.take();
    if (consoleWaits && input.free() >= INPUT_BYTES / 2) {
      consoleWaits = false;
      ring(state);
    }
    return value;
  }

  // The console's side.

  TimerFd doorbell() {
    return doorbell;
  }

  /** Wakes the io thread unless it is awake or on its way. */
  void ring(CallState state) {
    // Pairs with answer(): whoever comes second in this variable's order sees what the other did.
    if (bell.getAndSet(RUNG) != RUNG) {
      doorbell.set(state, 0);
    }
  }

  /** The io thread is there; call before looking at the rings. */
  void answer(CallState state) {
    doorbell.drain(state);
    bell.getAndSet(QUIET);
  }

  /** Output to be taken; tell {@link #taken} what was. */
  ByteRing output() {
    return output;
  }

  void taken(CallState state, int count) {
    output.skip(count);
    Chip listener = chip;
    if (chipWaits && output.free() >= BURST_BYTES && listener != null) {
      chipWaits = false;
      listener.roomMade(state);
    }
  }

  /**
   * How many bytes can be delivered; where it is 0, the doorbell will ring when the guest has read
   * half of what there is.
   */
  int inputRoom() {
    int room = input.free();
    if (room > 0) {
      return room;
    }
    consoleWaits = true;
    return input.free(); // after the flag: receive() does the reverse
  }

  /** Puts a byte on its way, for which there must be room; {@link #delivered} makes it known. */
  void deliver(byte value) {
    if (!input.put(value)) {
      throw new IllegalStateException("no room was asked for");
    }
  }

  void delivered(CallState state) {
    Chip listener = chip;
    if (listener != null) {
      listener.bytesArrived(state);
    }
  }

  @Override
  public void close() {
    doorbell.close();
    output.close();
    input.close();
  }
}
