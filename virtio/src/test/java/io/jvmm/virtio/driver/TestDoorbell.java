package io.jvmm.virtio.driver;

import io.jvmm.host.CallState;
import io.jvmm.host.EventFd;
import io.jvmm.virtio.Doorbell;

/** A doorbell with no machine behind it. */
public final class TestDoorbell implements Doorbell, AutoCloseable {
  private final EventFd event = EventFd.create("test doorbell");

  /** What the machine's ioeventfd does. */
  public void ring() {
    event.signal(CallState.current());
  }

  @Override
  public EventFd event() {
    return event;
  }

  @Override
  public void close() {
    event.close();
  }
}
