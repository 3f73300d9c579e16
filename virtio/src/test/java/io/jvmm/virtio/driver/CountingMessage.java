package io.jvmm.virtio.driver;

import io.jvmm.host.CallState;
import io.jvmm.virtio.MessageInterrupt;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;

/** Counts a message's interrupts, and notes where it was routed to. Raised by any thread. */
public final class CountingMessage implements MessageInterrupt {
  private final Semaphore raised;
  private final List<String> routes = new ArrayList<>();

  /** Counts on its own. */
  public CountingMessage() {
    this(new Semaphore(0));
  }

  /** Counts together with others. */
  public CountingMessage(Semaphore raised) {
    this.raised = raised;
  }

  @Override
  public void raise(CallState state) {
    raised.release();
  }

  @Override
  public void route(long address, int data) {
    routes.add(Long.toHexString(address) + " " + Integer.toHexString(data));
  }

  /** Takes one for each interrupt. */
  public Semaphore raised() {
    return raised;
  }

  /** Each route, in order: address and data, hexadecimal. */
  public List<String> routes() {
    return routes;
  }
}
