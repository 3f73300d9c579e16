package io.jvmm.vmm.cli;

import io.jvmm.host.file.OpenFile;
import io.jvmm.vmm.jfr.FlightFile;
import org.jspecify.annotations.Nullable;

/** {@code --jfr}. */
final class FlightOption {
  private FlightOption() {}

  /**
   * The recording that was asked for, not yet begun, or null.
   *
   * @throws io.jvmm.host.SyscallException where its file cannot be written, which is better said
   *     before the guest runs
   */
  static @Nullable FlightFile file(Settings settings) {
    String path = settings.get(CommandOption.JFR);
    if (path == null) {
      return null;
    }
    OpenFile.create(path).close();
    return new FlightFile(path);
  }
}
