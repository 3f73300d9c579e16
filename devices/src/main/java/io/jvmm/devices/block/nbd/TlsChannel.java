package io.jvmm.devices.block.nbd;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.socket.Socket;
import io.jvmm.memory.IovecArray;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;

/**
 * TLS over the socket, by Java's engine. Data takes the way over four buffers of a few records
 * each, which are reused; the engine itself allocates.
 *
 * <p>Threads: one at a time.
 */
final class TlsChannel implements NbdChannel, AutoCloseable {
  /** Plain bytes that are encrypted at a time: a record's most (RFC 8446, 5.1). */
  private static final int RECORD = 1 << 14;

  /**
   * Records in a row that may come without data: parts of a handshake, tickets, new keys. A server
   * that goes on so would keep the thread, which counts data alone.
   */
  static final int RECORDS_WITHOUT_DATA_MAX = 256;

  /**
   * What is done of receiving in a turn of the thread: a record is a step, and so is what comes
   * from the socket. It is a server who chooses how little is in a record, and each costs some
   * microseconds, with new keys some tens.
   */
  static final int STEPS_PER_TURN = 512;

  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final Socket socket;
  private final SSLEngine engine;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment plainOutMemory = arena.allocate(RECORD);
  private final MemorySegment plainInMemory;
  private final MemorySegment cipherOutMemory;
  private final MemorySegment cipherInMemory;

  /** Filled by the caller's data, then drained by the engine. */
  private final ByteBuffer plainOut = plainOutMemory.asByteBuffer();

  /** Between position and limit: decrypted and not taken. */
  private final ByteBuffer plainIn;

  /** Up to the position: to be sent; what is before {@code sent} has been. */
  private final ByteBuffer cipherOut;

  private int sent;

  /** Up to the position: received and not decrypted. */
  private final ByteBuffer cipherIn;

  private boolean handshaking = true;
  private int recordsWithoutData;
  private int stepsLeft = STEPS_PER_TURN;

  TlsChannel(Socket socket, SSLEngine engine) throws SSLException {
    this.socket = socket;
    this.engine = engine;
    int packet = engine.getSession().getPacketBufferSize();
    this.plainInMemory = arena.allocate(engine.getSession().getApplicationBufferSize());
    this.cipherOutMemory = arena.allocate(2L * packet);
    this.cipherInMemory = arena.allocate(2L * packet);
    this.plainIn = plainInMemory.asByteBuffer().limit(0);
    this.cipherOut = cipherOutMemory.asByteBuffer();
    this.cipherIn = cipherInMemory.asByteBuffer();
    engine.beginHandshake();
  }

  @Override
  public void beginTurn() {
    stepsLeft = STEPS_PER_TURN;
  }

  /**
   * Goes on with the handshake as far as it can.
   *
   * @return positive where it is over, {@code -EAGAIN}, or {@link #ENOUGH}
   * @throws SSLException where the two do not come to terms, or the server is not who it should be
   */
  long handshake(CallState state) throws SSLException {
    while (true) {
      long flushed = flush(state);
      if (flushed == -Errno.EAGAIN) {
        return flushed;
      }
      if (flushed < 0) {
        throw new SSLException("the connection broke");
      }
      HandshakeStatus status = engine.getHandshakeStatus();
      if (status == HandshakeStatus.NOT_HANDSHAKING || status == HandshakeStatus.FINISHED) {
        handshaking = false;
        return 1;
      }
      long result =
          status == HandshakeStatus.NEED_WRAP ? (wrap(NOTHING) ? 1 : -Errno.EPROTO) : step(state);
      if (result == -Errno.EAGAIN || result == ENOUGH) {
        return result;
      }
      if (result <= 0) {
        throw new SSLException("the server ended the handshake");
      }
    }
  }

  /** Whether {@link #handshake} waits for room to send. */
  boolean isSending() {
    return sent < cipherOut.position();
  }

  /** One step of receiving: positive where something happened, or as {@link #receive}. */
  private long step(CallState state) throws SSLException {
    if (stepsLeft == 0) {
      return ENOUGH;
    }
    stepsLeft--;
    if (engine.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
      runTasks();
      return 1;
    }
    cipherIn.flip();
    plainIn.clear();
    SSLEngineResult result = engine.unwrap(cipherIn, plainIn);
    plainIn.flip();
    cipherIn.compact();
    if (result.getStatus() == Status.CLOSED) {
      return 0;
    }
    if (result.getStatus() == Status.BUFFER_UNDERFLOW) {
      return fill(state);
    }
    recordsWithoutData = plainIn.hasRemaining() ? 0 : recordsWithoutData + 1;
    boolean isGood =
        result.getStatus() == Status.OK && recordsWithoutData <= RECORDS_WITHOUT_DATA_MAX;
    return isGood ? 1 : -Errno.EPROTO;
  }

  private long fill(CallState state) {
    int at = cipherIn.position();
    long n = socket.tryReceive(state, cipherInMemory.address() + at, cipherIn.remaining());
    if (n > 0) {
      cipherIn.position(at + (int) n);
    }
    return n;
  }

  private void runTasks() {
    for (Runnable task = engine.getDelegatedTask();
        task != null;
        task = engine.getDelegatedTask()) {
      task.run(); // some milliseconds, once a connection
    }
  }

  /** Encrypts; false where there is no room, or the engine is closed. */
  private boolean wrap(ByteBuffer plain) throws SSLException {
    SSLEngineResult result = engine.wrap(plain, cipherOut);
    if (result.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
      runTasks();
    }
    return result.getStatus() == Status.OK;
  }

  @Override
  public long flush(CallState state) {
    while (sent < cipherOut.position()) {
      long n = socket.trySend(state, cipherOutMemory.address() + sent, cipherOut.position() - sent);
      if (n > 0) {
        sent += (int) n;
      } else if (n != -Errno.EINTR) {
        return n == 0 ? -Errno.EPIPE : n;
      }
    }
    cipherOut.clear();
    sent = 0;
    return 0;
  }

  @Override
  public long send(CallState state, IovecArray buffers) {
    long flushed = flush(state);
    if (flushed != 0) {
      return flushed;
    }
    int length = buffers.copyTo(plainOutMemory, 0, RECORD);
    plainOut.clear().limit(length);
    try {
      while (plainOut.hasRemaining() && wrap(plainOut)) {
        // Perhaps more than one record: an answer to a change of keys goes first.
      }
    } catch (SSLException e) {
      return -Errno.EPROTO;
    }
    if (plainOut.position() == 0) {
      boolean isClosed = engine.isOutboundDone();
      return isClosed ? -Errno.EPIPE : -Errno.EPROTO; // or has more to answer than there is room
    }
    flushed = flush(state);
    return flushed == 0 || flushed == -Errno.EAGAIN ? plainOut.position() : flushed;
  }

  @Override
  public long receive(CallState state, IovecArray buffers) {
    try {
      while (!plainIn.hasRemaining()) {
        long result = step(state);
        if (result <= 0) {
          return result;
        }
        if (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP && !wrap(NOTHING)) {
          return -Errno.EPROTO;
        }
      }
    } catch (SSLException e) {
      return -Errno.EPROTO;
    }
    int n = buffers.copyFrom(plainInMemory, plainIn.position(), plainIn.remaining());
    plainIn.position(plainIn.position() + n);
    return n;
  }

  @Override
  public boolean shortMeansEmpty() {
    return false; // a record at a time
  }

  @Override
  public void close() {
    if (!handshaking) {
      engine.closeOutbound(); // nobody waits for the alert: NBD has its own goodbye
    }
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
