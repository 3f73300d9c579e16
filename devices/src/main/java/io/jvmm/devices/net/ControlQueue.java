package io.jvmm.devices.net;

import io.jvmm.devices.io.IoLoop;
import io.jvmm.host.CallState;
import io.jvmm.memory.GuestMemory;
import io.jvmm.virtio.queue.DescriptorChain;
import io.jvmm.virtio.queue.SplitQueue;

/**
 * The driver's commands (virtio 1.2, 5.1.6.5): u8 class, u8 command, what belongs to it, and behind
 * that a byte for the answer.
 *
 * <p>Threads: the device's I/O thread.
 */
final class ControlQueue extends NetQueue {
  /**
   * After so many commands others on the loop get their turn. A driver waits for each before the
   * next; a tap's queues take the host up to a millisecond each to turn off.
   */
  private static final int COMMANDS_PER_TURN = 1;

  private static final byte VIRTIO_NET_OK = 0;
  private static final byte VIRTIO_NET_ERR = 1;

  /** Class and command. */
  private static final int HEADER_SIZE = 2;

  private static final int NONE = -1;

  private final ControlCommands commands;
  private final NetStats stats;
  private final byte[] command = new byte[HEADER_SIZE + ControlCommands.DATA_MAX];

  ControlQueue(IoLoop loop, BrokenListener listener, ControlCommands commands, NetStats stats) {
    super(loop, listener);
    this.commands = commands;
    this.stats = stats;
  }

  @Override
  void serve(CallState state, NetSession current) {
    SplitQueue ring = current.ring();
    int left = COMMANDS_PER_TURN;
    do {
      ring.disarm();
      while (left > 0 && ring.poll() == SplitQueue.CHAIN) {
        left--;
        perform(current.memory(), ring);
      }
      if (left == 0) {
        goOnLater();
        return;
      }
    } while (ring.rearm());
  }

  private void perform(GuestMemory memory, SplitQueue ring) {
    DescriptorChain chain = ring.chain();
    int head = chain.head();
    int length = 0;
    long answerGpa = NONE;
    boolean fits = true;
    while (chain.next()) {
      if (chain.length() == 0) {
        continue;
      }
      if (chain.isWritable()) {
        answerGpa = answerGpa == NONE ? chain.gpa() : answerGpa;
      } else if (chain.length() > command.length - length) {
        fits = false;
      } else {
        memory.read(chain.gpa(), command, length, (int) chain.length());
        length += (int) chain.length();
      }
    }
    if (ring.brokenReason() != null) {
      return;
    }
    boolean done =
        fits
            && answerGpa != NONE
            && length >= HEADER_SIZE
            && commands.perform(command[0], command[1], command, HEADER_SIZE, length);
    if (!done) {
      stats.controlRefused.add(1);
      ring.stats().countError();
    }
    if (answerGpa == NONE) {
      ring.push(head, 0);
      return;
    }
    memory.setByte(answerGpa, done ? VIRTIO_NET_OK : VIRTIO_NET_ERR);
    ring.push(head, 1);
  }
}
