package io.jvmm.vmm.cli;

import io.jvmm.vmm.cli.doctor.Doctor;
import java.io.PrintStream;

/**
 * The {@code jvmm} command: boots a Linux microVM and lives as long as it. See {@link Help} for
 * what it understands and {@link ExitStatus} for what it answers.
 */
public final class Jvmm {
  private Jvmm() {}

  /**
   * Runs the command and ends the process.
   *
   * @param arguments as on the command line
   */
  public static void main(String[] arguments) {
    long mainNanos = System.nanoTime();
    int status = run(arguments, System.out, System.err, mainNanos);
    System.out.flush();
    System.err.flush();
    // Not exit(): when a signal has begun to end the JVM, its hook waits for this, and exit() would
    // wait for the hook.
    Runtime.getRuntime().halt(status);
  }

  /**
   * Runs the command.
   *
   * @param mainNanos {@link System#nanoTime} when Java code began
   * @return the exit status
   */
  static int run(String[] arguments, PrintStream out, PrintStream err, long mainNanos) {
    if (arguments.length == 0) {
      err.print(Help.usage());
      return ExitStatus.BAD_INPUT;
    }
    try {
      if (arguments[0].equals("doctor")) {
        return Doctor.run(arguments, out) ? ExitStatus.OK : ExitStatus.HOST_CANNOT;
      }
      if (arguments[0].equals("control")) {
        return ControlCall.run(arguments, out, err);
      }
      Settings settings = Arguments.parse(arguments);
      if (settings.has(CommandOption.HELP)) {
        out.print(Help.text());
        return ExitStatus.OK;
      }
      if (settings.has(CommandOption.VERSION)) {
        out.println("jvmm " + Help.version());
        return ExitStatus.OK;
      }
      String configFile = settings.get(CommandOption.CONFIG);
      if (configFile != null) {
        settings.addMissing(ConfigFile.read(configFile));
      }
      return RunCommand.run(settings, err, mainNanos);
    } catch (Throwable e) {
      return Failure.report(e, err);
    }
  }
}
