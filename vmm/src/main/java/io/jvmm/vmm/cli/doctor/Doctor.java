package io.jvmm.vmm.cli.doctor;

import io.jvmm.vmm.cli.UsageException;
import io.jvmm.vmm.cli.doctor.Finding.Level;
import java.io.PrintStream;

/** Runs every check and tells what it found. */
public final class Doctor {
  private static final String QUESTION = "--can-boot-linux";

  private static final String HELP =
      """
      usage: jvmm doctor [--can-boot-linux]

      Tells what this host can do for jvmm, by trying: a line for each thing, which
      begins with ok, warn or fail, and below it what to do.

        --can-boot-linux   say nothing, only answer by the exit status

      Exit status: 0 where jvmm can boot Linux here, 3 where it cannot.
      """;

  private Doctor() {}

  /**
   * Examines the host.
   *
   * @param arguments of the whole command, {@code doctor} first
   * @return whether Linux can be booted here
   * @throws UsageException for an argument that it does not know
   */
  public static boolean run(String[] arguments, PrintStream out) {
    boolean quiet = false;
    for (int i = 1; i < arguments.length; i++) {
      switch (arguments[i]) {
        case QUESTION -> quiet = true;
        case "--help", "-h" -> {
          out.print(HELP);
          return true;
        }
        default ->
            throw new UsageException(
                "doctor: unknown argument " + arguments[i] + " (it knows " + QUESTION + ")");
      }
    }
    return quiet ? KvmCheck.canBootLinux() : tellAll(out);
  }

  private static boolean tellAll(PrintStream out) {
    boolean boots = true;
    for (Finding finding : KvmCheck.findings()) {
      boots &= finding.level() != Level.FAIL;
      out.print(finding.lines());
    }
    out.print(HostCheck.nested().lines());
    out.print(HostCheck.memory().lines());
    out.print(HostCheck.openFiles().lines());
    out.print(TapCheck.finding().lines());
    out.print(HostCheck.ioUring().lines());
    out.print(HostCheck.cgroups().lines());
    out.println(boots ? "\njvmm can boot Linux here." : "\njvmm cannot boot Linux here.");
    return boots;
  }
}
