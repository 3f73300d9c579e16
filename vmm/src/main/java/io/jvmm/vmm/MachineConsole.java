package io.jvmm.vmm;

import io.jvmm.host.file.InheritedStream;
import org.jspecify.annotations.Nullable;

/**
 * What is at the other end of the machine's serial port. The streams become the machine's at {@link
 * MachineBuilder#build}, whether it succeeds or not.
 *
 * @param input what the guest reads, or null for nothing
 * @param output where the guest's words go, or null for nowhere
 * @param escapes whether Ctrl-A is a prefix: Ctrl-A x stops the machine
 */
public record MachineConsole(
    @Nullable InheritedStream input, @Nullable InheritedStream output, boolean escapes) {
  /** Nothing to read, and words that are thrown away. */
  public static final MachineConsole NONE = new MachineConsole(null, null, false);

  /**
   * Two descriptors of this process, which stay the caller's.
   *
   * @param inputFd negative for none
   * @param outputFd negative for none
   */
  public static MachineConsole ofDescriptors(int inputFd, int outputFd, boolean escapes) {
    InheritedStream output =
        outputFd < 0 ? null : InheritedStream.writing(outputFd, "console output");
    try {
      InheritedStream input =
          inputFd < 0 ? null : InheritedStream.reading(inputFd, "console input");
      return new MachineConsole(input, output, escapes);
    } catch (RuntimeException e) {
      if (output != null) {
        output.close();
      }
      throw e;
    }
  }

  /** Closes the streams, where no machine came to own them. */
  void close() {
    if (input != null) {
      input.close();
    }
    if (output != null) {
      output.close();
    }
  }
}
