package io.jvmm.vmm.control;

/** What answers a client's lines. */
interface RequestHandler {
  /**
   * Answers one line, whatever is in it; may wait. Called by several threads at once.
   *
   * @return one line, without its end
   */
  String answer(byte[] line);
}
