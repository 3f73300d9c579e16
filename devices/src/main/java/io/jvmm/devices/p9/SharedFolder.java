package io.jvmm.devices.p9;

import io.jvmm.devices.io.IoLoop;
import io.jvmm.devices.queue.ServedQueues;
import io.jvmm.host.process.OpenFilesLimit;
import io.jvmm.host.tree.Steps;
import io.jvmm.virtio.Features;
import io.jvmm.virtio.QueueSet;
import io.jvmm.virtio.StatsSink;
import io.jvmm.virtio.VirtioDevice;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * A folder of the host's that the guest mounts by its tag: {@code mount -t 9p -o trans=virtio TAG
 * /mnt}. The protocol is 9P2000.L; nothing outside the folder is reached.
 *
 * <p>Threads: as {@link VirtioDevice} says; system calls are made on threads of its own.
 */
public final class SharedFolder implements VirtioDevice, AutoCloseable {
  private static final int VIRTIO_ID_9P = 9;

  /** The tag is in the configuration space: {@code le16 tag_len, u8 tag[tag_len]}. */
  private static final long VIRTIO_9P_MOUNT_TAG = 1L;

  /** Files that are held without being open: a directory tree's worth, and never none. */
  private static final int HELD_MAX = 8192;

  private static final int HELD_MIN = 64;

  private final IoLoop loop;
  private final Share share;
  private final MessageQueue messages;
  private final ServedQueues queues;
  private final byte[] config;

  private SharedFolder(Share share, IoLoop loop, int heldMax) {
    this.loop = loop;
    this.share = share;
    this.messages = new MessageQueue(share, loop, heldMax);
    this.queues = new ServedQueues(loop, ServedQueues.SessionListener.NONE);
    messages.connect(queues.add(messages, MessageQueue.CHAINS_PER_TURN));
    byte[] tag = share.options().tag().getBytes(StandardCharsets.UTF_8);
    config = new byte[Short.BYTES + tag.length];
    config[0] = (byte) tag.length;
    config[1] = (byte) (tag.length >>> Byte.SIZE);
    System.arraycopy(tag, 0, config, Short.BYTES, tag.length);
  }

  /**
   * Opens the folder.
   *
   * @param loop stays the caller's, who closes it after this
   * @param news hears what the folder's owner should know
   * @throws io.jvmm.host.SyscallException naming the path: ENOTDIR where it is no folder
   * @throws ShareException where it cannot be shared as the options say
   */
  public static SharedFolder open(ShareOptions options, IoLoop loop, Consumer<String> news) {
    SharedFolder made = open(options, loop, heldMax(OpenFilesLimit.soft()), Steps.best());
    if (!made.share.isQuiet()) {
      news.accept(
          made.name()
              + ": the host lets this process hide no access: ro leaves all as it is but times of"
              + " last access");
    }
    return made;
  }

  static SharedFolder open(ShareOptions options, IoLoop loop) {
    return open(options, loop, line -> {});
  }

  static SharedFolder open(ShareOptions options, IoLoop loop, int heldMax) {
    return open(options, loop, heldMax, Steps.best());
  }

  static SharedFolder open(ShareOptions options, IoLoop loop, int heldMax, Steps steps) {
    return new SharedFolder(Share.open(options, steps), loop, heldMax);
  }

  /** An eighth of what the process may have: there are other shares, and files that are open. */
  private static int heldMax(long limit) {
    return Math.clamp(limit / 8, HELD_MIN, HELD_MAX);
  }

  @Override
  public String name() {
    return "share " + share.options().tag();
  }

  @Override
  public int deviceId() {
    return VIRTIO_ID_9P;
  }

  @Override
  public long deviceFeatures() {
    return Features.VIRTIO_F_VERSION_1 | Features.SPLIT_RING | VIRTIO_9P_MOUNT_TAG;
  }

  @Override
  public int queueCount() {
    return queues.count();
  }

  @Override
  public int maxQueueSize(int queue) {
    return MessageQueue.QUEUE_SIZE;
  }

  @Override
  public long readConfig(int offset, int size) {
    long value = 0;
    for (int i = size - 1; i >= 0; i--) {
      int at = offset + i;
      value = value << Byte.SIZE | (at < config.length ? config[at] & 0xff : 0);
    }
    return value;
  }

  @Override
  public void activate(QueueSet set) {
    queues.activate(set);
  }

  /** Waits for the workers, which have the guest's memory in hand. */
  @Override
  public void reset() {
    queues.reset();
    loop.executeAndAwait(messages::stop);
  }

  @Override
  public void report(StatsSink sink) {
    messages.report(sink);
  }

  /** Stops. Call after the vCPUs have stopped, before the loop closes. */
  @Override
  public void close() {
    reset();
    messages.close();
    share.close();
  }
}
