package io.jvmm.vmm.json;

/** A text is no JSON, or not what is expected; the message names the place. */
public final class JsonException extends RuntimeException {
  private static final long serialVersionUID = 1;

  JsonException(String message) {
    super(message);
  }
}
