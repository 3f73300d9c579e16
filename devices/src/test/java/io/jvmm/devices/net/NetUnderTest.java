package io.jvmm.devices.net;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.devices.driver.DeviceUnderTest;
import io.jvmm.virtio.Features;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;

/** A network device with a driver in front and a {@link ScriptedWire} behind. */
final class NetUnderTest implements AutoCloseable {
  static final MacAddress MAC = new MacAddress(0x0605_0403_0202L);
  static final int RX = 0;
  static final int TX = 1;

  /** What a driver that merges buffers accepts; nothing of the ring's. */
  static final long PLAIN = Features.VIRTIO_F_VERSION_1 | NetFeatures.VIRTIO_NET_F_MRG_RXBUF;

  final ScriptedWire wire;
  final List<String> news = new CopyOnWriteArrayList<>();
  final DeviceUnderTest device;
  private final Random random = new Random(11);

  NetUnderTest(ScriptedWire wire, UnaryOperator<NetOptions> options) {
    this.wire = wire;
    device =
        new DeviceUnderTest(
            loop -> new Net(wire, options.apply(NetOptions.of(MAC)), loop, news::add));
  }

  static NetUnderTest withHeader() {
    return new NetUnderTest(new ScriptedWire(true, 1), options -> options);
  }

  static NetUnderTest withoutHeader() {
    return new NetUnderTest(new ScriptedWire(false, 1), options -> options);
  }

  NetUnderTest start(long features) {
    device.start(features);
    return this;
  }

  Net net() {
    return (Net) device.device;
  }

  /** A frame for the device's address with random content. */
  byte[] frame(int length) {
    return frame(MAC, length);
  }

  byte[] frame(MacAddress to, int length) {
    byte[] frame = new byte[length];
    random.nextBytes(frame);
    for (int i = 0; i < MacAddress.LENGTH; i++) {
      frame[i] = (byte) (to.bits() >>> (8 * i));
    }
    return frame;
  }

  /** The frame behind a header whose bytes are {@code filler}, but for the last two. */
  static byte[] behindHeader(byte[] frame, int filler) {
    byte[] whole = new byte[NetHeader.SIZE + frame.length];
    Arrays.fill(whole, 0, NetHeader.SIZE, (byte) filler);
    System.arraycopy(frame, 0, whole, NetHeader.SIZE, frame.length);
    return whole;
  }

  /** A frame comes to the host's side, and has been dealt with. */
  void arrive(byte[] whole) {
    arrive(0, whole);
  }

  void arrive(int pair, byte[] whole) {
    onLoop(() -> wire.arrive(pair, whole));
  }

  /** Runs on the loop, and waits until what comes of it is done. */
  void onLoop(Runnable action) {
    device.loop.execute(action);
    device.settle();
  }

  byte[] guest(long gpa, int length) {
    byte[] bytes = new byte[length];
    device.memory.read(gpa, bytes, 0, length);
    return bytes;
  }

  /** Sends a command with that data and answers the device's. */
  int command(int queue, int commandClass, int command, byte... data) {
    long at = DeviceUnderTest.DATA + 0x80000;
    device.memory.write(at, new byte[] {(byte) commandClass, (byte) command});
    device.memory.write(at + 16, data);
    device.memory.setByte(at + 0x8000, (byte) 0x55);
    device
        .queue(queue)
        .chain()
        .read(at, 2)
        .read(at + 16, data.length)
        .write(at + 0x8000, 1)
        .submit();
    device.ring(queue);
    device.awaitUsed(queue);
    return device.memory.getByte(at + 0x8000);
  }

  void awaitReset() {
    device.awaitNeedsReset();
    assertTrue(device.transport.problem() != null);
  }

  @Override
  public void close() {
    device.close();
  }
}
