package io.jvmm.vmm.control;

/** Why a request was not fulfilled; the message is what the client is told. */
final class ControlException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** What a client can tell apart without reading. */
  enum Kind {
    /** The line is no request: no JSON, too long, without a command. */
    BAD_REQUEST("BadRequest"),
    /** There is no such command. */
    COMMAND_NOT_FOUND("CommandNotFound"),
    /** An argument is missing, unknown or cannot be used. */
    BAD_ARGUMENT("BadArgument"),
    /** The machine has no such device. */
    DEVICE_NOT_FOUND("DeviceNotFound"),
    /** The machine or the host refuses. */
    REFUSED("Refused");

    private final String text;

    Kind(String text) {
      this.text = text;
    }

    /** Its name on the wire. */
    String text() {
      return text;
    }
  }

  private final Kind kind;

  ControlException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  Kind kind() {
    return kind;
  }
}
