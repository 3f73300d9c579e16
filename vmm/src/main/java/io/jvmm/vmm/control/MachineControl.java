package io.jvmm.vmm.control;

import io.jvmm.devices.balloon.BalloonStatistics;
import io.jvmm.vmm.Machine;
import io.jvmm.vmm.MachineConfig;
import io.jvmm.vmm.MachineConfigException;
import io.jvmm.vmm.RateLimit;
import io.jvmm.vmm.control.ControlException.Kind;
import io.jvmm.vmm.json.JsonText;
import io.jvmm.vmm.stats.StatsJson;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Does what requests ask of a machine.
 *
 * <p>Threads: any, several at once: each client has a thread of its own, so that one that waits for
 * the machine keeps nobody from ending it.
 */
final class MachineControl implements RequestHandler {
  /** A guest that does not answer by then is not going to; its older answer is told. */
  private static final int GUEST_ANSWER_MILLIS = 2000;

  private final Machine machine;

  MachineControl(Machine machine) {
    this.machine = machine;
  }

  @Override
  public String answer(byte[] line) {
    String id = null;
    try {
      ControlRequest request = ControlRequest.parse(line);
      id = request.id();
      JsonText answer = new JsonText().beginObject().name("return").json(perform(request));
      return end(answer, id);
    } catch (ControlException e) {
      return error(e.kind(), String.valueOf(e.getMessage()), id);
    } catch (IllegalStateException | IllegalArgumentException e) {
      return error(Kind.REFUSED, String.valueOf(e.getMessage()), id);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return error(Kind.REFUSED, "interrupted", id);
    } catch (RuntimeException e) {
      return error(Kind.REFUSED, e.toString(), id);
    }
  }

  /** An answer that tells why not. */
  static String error(Kind kind, String description, @Nullable String id) {
    JsonText answer = new JsonText().beginObject().name("error").beginObject();
    answer.name("class").value(kind.text()).name("desc").value(description).endObject();
    return end(answer, id);
  }

  private static String end(JsonText answer, @Nullable String id) {
    if (id != null) {
      answer.name("id").number(id);
    }
    return answer.endObject().toString();
  }

  private JsonText perform(ControlRequest request) throws InterruptedException {
    ControlCommand command = ControlCommand.of(request.command());
    if (command == null) {
      throw new ControlException(
          Kind.COMMAND_NOT_FOUND,
          "there is no command '" + request.command() + "'; help tells which there are");
    }
    ControlArguments arguments = request.arguments();
    if (command.arguments().isEmpty()) {
      arguments.end(command.word());
    }
    return switch (command) {
      case HELP -> help();
      case STATUS -> status();
      case STATS -> stats();
      case STOP -> {
        machine.pressPowerButton();
        yield state();
      }
      case KILL -> {
        machine.stop();
        yield state();
      }
      case PAUSE -> {
        require(Machine.State.RUNNING, Machine.State.PAUSED);
        machine.pause();
        yield state();
      }
      case RESUME -> {
        require(Machine.State.PAUSED, Machine.State.RUNNING);
        machine.resume();
        yield state();
      }
      case DISK_RESIZE -> diskResize(arguments);
      case DISK_LIMIT -> diskLimit(arguments);
      case LINK -> link(arguments);
      case BALLOON -> balloon(arguments);
      case BALLOON_STATISTICS -> balloonStatistics();
    };
  }

  private void require(Machine.State one, Machine.State other) {
    Machine.State state = machine.state();
    if (state != one && state != other) {
      throw new ControlException(Kind.REFUSED, "the machine is " + word(state));
    }
  }

  private JsonText state() {
    String state = word(machine.state());
    return new JsonText().beginObject().name("state").value(state).endObject();
  }

  private static String word(Machine.State state) {
    return state.name().toLowerCase(Locale.ROOT);
  }

  private static JsonText help() {
    JsonText json = new JsonText().beginArray();
    for (ControlCommand command : ControlCommand.values()) {
      json.beginObject().name("name").value(command.word());
      json.name("arguments").value(command.arguments());
      json.name("meaning").value(command.meaning()).endObject();
    }
    return json.endArray();
  }

  private JsonText status() {
    MachineConfig config = machine.config();
    JsonText json = new JsonText().beginObject();
    json.name("name").value(config.name());
    json.name("state").value(word(machine.state()));
    json.name("pid").value(ProcessHandle.current().pid());
    json.name("cpus").value(config.cpus());
    json.name("memoryBytes").value(config.memoryBytes());
    return json.endObject();
  }

  private JsonText stats() {
    JsonText json = new JsonText().beginObject();
    StatsJson.exits(json.name("exits"), machine.exitCounts());
    StatsJson.devices(json.name("devices"), machine.deviceStats());
    return json.endObject();
  }

  private JsonText diskResize(ControlArguments arguments) {
    String disk = arguments.text("disk");
    arguments.end(ControlCommand.DISK_RESIZE.word());
    long bytes;
    try {
      bytes = machine.refreshDisk(disk);
    } catch (IllegalArgumentException e) {
      throw notFound(e);
    }
    return new JsonText().beginObject().name("bytes").value(bytes).endObject();
  }

  private JsonText link(ControlArguments arguments) {
    String net = arguments.text("net");
    String state = arguments.text("state");
    arguments.end(ControlCommand.LINK.word());
    if (!state.equals("up") && !state.equals("down")) {
      throw new ControlException(
          Kind.BAD_ARGUMENT, "the argument state: '" + state + "' is not up or down");
    }
    try {
      machine.setLink(net, state.equals("up"));
    } catch (IllegalArgumentException e) {
      throw notFound(e);
    }
    return new JsonText().beginObject().name("state").value(state).endObject();
  }

  private static ControlException notFound(IllegalArgumentException e) {
    return new ControlException(Kind.DEVICE_NOT_FOUND, String.valueOf(e.getMessage()));
  }

  private JsonText diskLimit(ControlArguments arguments) {
    String disk = arguments.text("disk");
    long iops = orZero(arguments.optionalNumber("iops"));
    long iopsBurst = orZero(arguments.optionalNumber("iops-burst"));
    long bps = orZero(arguments.optionalNumber("bps"));
    long bpsBurst = orZero(arguments.optionalNumber("bps-burst"));
    arguments.end(ControlCommand.DISK_LIMIT.word());
    RateLimit rate;
    try {
      rate = RateLimit.ofDisk(iops, iopsBurst, bps, bpsBurst);
    } catch (MachineConfigException e) {
      throw new ControlException(Kind.BAD_ARGUMENT, String.valueOf(e.getMessage()));
    }
    try {
      machine.limitDisk(disk, rate);
    } catch (IllegalArgumentException e) {
      throw notFound(e);
    }
    JsonText json = new JsonText().beginObject();
    json.name("iops").value(iops).name("bps").value(bps);
    return json.endObject();
  }

  private static long orZero(@Nullable Long number) {
    return number == null ? 0 : number;
  }

  private JsonText balloon(ControlArguments arguments) {
    Long bytes = arguments.optionalNumber("bytes");
    arguments.end(ControlCommand.BALLOON.word());
    if (bytes != null) {
      machine.balloon(bytes);
    }
    JsonText json = new JsonText().beginObject();
    return json.name("bytes").value(machine.balloonSize()).endObject();
  }

  private JsonText balloonStatistics() throws InterruptedException {
    BalloonStatistics statistics = machine.balloonStatistics(GUEST_ANSWER_MILLIS);
    if (statistics == null) {
      throw new ControlException(Kind.REFUSED, "the guest has not told any");
    }
    JsonText json = new JsonText().beginObject();
    known(json, "swapInBytes", statistics.swapIn());
    known(json, "swapOutBytes", statistics.swapOut());
    known(json, "majorFaults", statistics.majorFaults());
    known(json, "minorFaults", statistics.minorFaults());
    known(json, "freeBytes", statistics.freeMemory());
    known(json, "totalBytes", statistics.totalMemory());
    known(json, "availableBytes", statistics.availableMemory());
    known(json, "diskCachesBytes", statistics.diskCaches());
    known(json, "hugePagesAllocated", statistics.hugePagesAllocated());
    known(json, "hugePagesFailed", statistics.hugePagesFailed());
    return json.endObject();
  }

  private static void known(JsonText json, String name, long value) {
    if (value != BalloonStatistics.UNKNOWN) {
      json.name(name).value(value);
    }
  }
}
