package io.jvmm.vmm.cli;

import io.jvmm.host.Errno;
import io.jvmm.host.SyscallException;
import io.jvmm.vmm.control.ControlClient;
import io.jvmm.vmm.json.JsonException;
import io.jvmm.vmm.json.JsonText;
import java.io.PrintStream;

/** {@code jvmm control}: asks a running machine one thing and prints its answer. */
final class ControlCall {
  private static final String HELP =
      """
      usage: jvmm control PATH COMMAND [NAME=VALUE]...

      Asks the machine that was started with --control PATH, and prints its answer:
      one line of JSON. 'jvmm control PATH help' tells what it can be asked for.

        jvmm control vm.sock status
        jvmm control vm.sock stats
        jvmm control vm.sock pause

      Exit status: 0 done, 1 the machine refused (standard error says why), 2 bad
      usage, 3 nobody answers at PATH.
      """;

  private ControlCall() {}

  /**
   * Runs the command.
   *
   * @param arguments of the whole command, {@code control} first
   * @return the exit status
   * @throws UsageException for arguments that make no sense
   */
  static int run(String[] arguments, PrintStream out, PrintStream err) {
    for (String argument : arguments) {
      if (argument.equals("--help") || argument.equals("-h")) {
        out.print(HELP);
        return ExitStatus.OK;
      }
    }
    if (arguments.length < 3) {
      throw new UsageException("control: PATH and COMMAND are needed (see jvmm control --help)");
    }
    String path = arguments[1];
    String request = request(arguments);
    try (ControlClient client = ControlClient.connect(path)) {
      ControlClient.Answer answer = client.ask(request);
      if (answer.isError()) {
        err.println("jvmm: control: " + answer.text());
        return ExitStatus.REFUSED;
      }
      out.println(answer.text());
      return ExitStatus.OK;
    } catch (SyscallException e) {
      err.println("jvmm: control: " + path + ": " + reason(e));
    } catch (JsonException e) {
      err.println("jvmm: control: " + path + ": who listens there is no jvmm: " + e.getMessage());
    }
    return ExitStatus.HOST_CANNOT;
  }

  private static String reason(SyscallException e) {
    return switch (e.errno()) {
      case Errno.ENOENT -> "no such socket";
      case Errno.ECONNREFUSED -> "nobody listens there (its machine has ended)";
      case Errno.EACCES -> "permission denied: it is another user's";
      case Errno.ECONNRESET, Errno.EPIPE -> "the machine has ended before it answered";
      default -> String.valueOf(e.getMessage());
    };
  }

  /** Words to JSON: whole numbers become numbers, everything else is text. */
  static String request(String[] arguments) {
    JsonText json = new JsonText().beginObject().name("execute").value(arguments[2]);
    if (arguments.length > 3) {
      json.name("arguments").beginObject();
      for (int i = 3; i < arguments.length; i++) {
        int equals = arguments[i].indexOf('=');
        if (equals < 1) {
          throw new UsageException("control: '" + arguments[i] + "' is not NAME=VALUE");
        }
        json.name(arguments[i].substring(0, equals));
        value(json, arguments[i].substring(equals + 1));
      }
      json.endObject();
    }
    return json.endObject().toString();
  }

  private static void value(JsonText json, String text) {
    try {
      json.value(Long.parseLong(text));
    } catch (NumberFormatException e) {
      json.value(text);
    }
  }
}
