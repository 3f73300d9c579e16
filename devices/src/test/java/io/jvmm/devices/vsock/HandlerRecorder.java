package io.jvmm.devices.vsock;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;

/** A handler that notes what it hears. */
class HandlerRecorder implements VsockHandler {
  final List<String> heard = new CopyOnWriteArrayList<>();
  private final AtomicReference<VsockConnection> connection = new AtomicReference<>();

  VsockConnection connection() {
    VsockConnection opened = connection.get();
    if (opened == null) {
      throw new AssertionError("no connection: " + heard);
    }
    return opened;
  }

  @Override
  public void opened(VsockConnection opened) {
    connection.set(opened);
    heard.add("opened " + opened.guestPort());
  }

  @Override
  public void received(VsockConnection from, ByteBuf data) {
    heard.add(data.toString(StandardCharsets.US_ASCII));
    data.release();
  }

  @Override
  public void writable(VsockConnection again) {
    heard.add("writable");
  }

  @Override
  public void inputEnded(VsockConnection ended) {
    heard.add("ended");
  }

  @Override
  public void closed(VsockConnection closed, boolean reset) {
    heard.add(reset ? "reset" : "closed");
  }
}
