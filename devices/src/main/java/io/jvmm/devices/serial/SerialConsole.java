package io.jvmm.devices.serial;

import io.jvmm.devices.io.IoLoop;
import io.jvmm.host.CallState;
import io.jvmm.host.epoll.Epoll;
import io.jvmm.host.file.InheritedStream;
import org.jspecify.annotations.Nullable;

/**
 * The host's end of a {@link SerialLine}: a stream that the guest's output goes to and one that its
 * input comes from, both on an {@link IoLoop}.
 *
 * <p>Threads: made and closed by the machine's owner, works on the io thread. Close after the vCPU
 * threads have stopped and before the loop and the line.
 */
public final class SerialConsole implements AutoCloseable {
  /** How long the last output may take to leave when the machine ends. */
  private static final int FLUSH_MILLIS = 1000;

  private final IoLoop loop;
  private final SerialLine line;
  private final @Nullable InheritedStream outputStream;
  private final ConsoleOutput output;
  private final @Nullable ConsoleInput input;
  private boolean closed;

  private SerialConsole(
      IoLoop loop,
      SerialLine line,
      @Nullable InheritedStream outputStream,
      ConsoleOutput output,
      @Nullable ConsoleInput input) {
    this.loop = loop;
    this.line = line;
    this.outputStream = outputStream;
    this.output = output;
    this.input = input;
  }

  /**
   * Connects streams to a line and begins to work.
   *
   * @param inputStream null where the guest is to get none; owned by the console from here on
   * @param outputStream null where it is thrown away; owned by the console from here on
   * @param escapes whether Ctrl-A is a prefix, as it should be where input is a terminal
   */
  public static SerialConsole attach(
      IoLoop loop,
      SerialLine line,
      @Nullable InheritedStream inputStream,
      @Nullable InheritedStream outputStream,
      boolean escapes,
      ConsoleListener listener) {
    ConsoleOutput output = new ConsoleOutput(loop, line, outputStream, listener);
    ConsoleInput input =
        inputStream == null
            ? null
            : new ConsoleInput(loop, line, inputStream, escapes, output, listener);
    SerialConsole console = new SerialConsole(loop, line, outputStream, output, input);
    try {
      loop.execute(console::begin); // nobody has to wait for it
      return console;
    } catch (RuntimeException e) {
      console.close();
      throw e;
    }
  }

  private void begin() {
    loop.register(line.doorbell().fd(), Epoll.EPOLLIN, this::awake);
    awake(CallState.current(), 0);
  }

  private void awake(CallState state, int events) {
    line.answer(state);
    output.drain(state);
    if (input != null) {
      input.resume(state);
    }
  }

  /**
   * Stops reading, writes what the guest has written, waiting for a slow stream no longer than a
   * second, and closes the streams. A second call does nothing.
   */
  @Override
  public void close() {
    close(FLUSH_MILLIS);
  }

  void close(int flushMillis) {
    if (closed) {
      return;
    }
    closed = true;
    loop.unregister(line.doorbell().fd());
    if (input != null) {
      input.detach();
    }
    output.detach();
    // The io thread does nothing here any more: what it had is this thread's now.
    output.flush(CallState.current(), flushMillis);
    if (input != null) {
      input.close();
    }
    if (outputStream != null) {
      outputStream.close();
    }
  }
}
