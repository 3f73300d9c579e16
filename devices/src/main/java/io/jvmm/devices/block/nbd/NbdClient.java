package io.jvmm.devices.block.nbd;

import io.jvmm.devices.block.BlockBackend;
import io.jvmm.devices.block.BlockCompletion;
import io.jvmm.devices.block.BlockLimits;
import io.jvmm.devices.block.DiskException;
import io.jvmm.devices.io.IoLoop;
import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.memory.IovecArray;
import org.jspecify.annotations.Nullable;

/**
 * A disk that a server exports by NBD. Data moves between the socket and the guest's memory by the
 * device's I/O thread, which never waits for the server.
 *
 * <p>When the connection is lost, what has no answer is kept and sent again over the next one:
 * every request may be done twice. The one trap in that is a server that is only cut off and still
 * works on an old connection's writes when the new one's are answered; NBD has no way to fence it.
 *
 * <p>Threads: as {@link BlockBackend} says.
 */
public final class NbdClient implements BlockBackend {
  private final NbdTarget target;
  private final boolean readOnly;
  private final NbdExport export;
  private final NbdRequests requests = new NbdRequests();
  private final NbdSender sender = new NbdSender(requests);
  private final NbdReceiver receiver = new NbdReceiver(requests, this::ended);
  private final NbdConnection connection;
  private final int writeFlags;
  private long length;
  private @Nullable IoLoop loop;
  private @Nullable BlockCompletion completion;
  private boolean inBatch;
  private boolean closed;

  private NbdClient(
      NbdTarget target, boolean readOnly, NbdDialer dialer, NbdLink link, NbdListener listener) {
    this.target = target;
    this.readOnly = readOnly;
    this.export = link.export();
    this.length = export.size();
    boolean durable =
        export.has(NbdProtocol.FLAG_SEND_FUA) && !export.has(NbdProtocol.FLAG_SEND_FLUSH);
    this.writeFlags = durable ? NbdProtocol.CMD_FLAG_FUA : 0;
    this.connection =
        new NbdConnection(
            target, readOnly, dialer, link, requests, sender, receiver, new Owner(), listener);
  }

  /**
   * Connects and negotiates; waits for the server, some seconds at most.
   *
   * @param readOnly whether nothing is to be written
   * @param listener hears when the server goes and comes back
   * @throws DiskException where it cannot be reached, has no such export, or one that is not fit
   * @throws io.jvmm.host.SyscallException where the host has no descriptor left
   */
  public static NbdClient open(NbdTarget target, boolean readOnly, NbdListener listener) {
    NbdDialer dialer = new NbdDialer(target);
    NbdLink link = dialer.dialAndWait();
    try {
      if (link.export().isReadOnly() && !readOnly) {
        throw new DiskException(target.text(), "is exported read-only: add ,ro to use it so");
      }
      return new NbdClient(target, readOnly, dialer, link, listener);
    } catch (RuntimeException e) {
      link.close();
      throw e;
    }
  }

  @Override
  public String name() {
    return target.text();
  }

  @Override
  public long length() {
    return length;
  }

  /** NBD tells a size when a connection begins; so a larger one is seen after a reconnect. */
  @Override
  public long refreshLength(CallState state) {
    length = connection.serverSize();
    return length;
  }

  @Override
  public boolean isReadOnly() {
    return readOnly;
  }

  @Override
  public BlockLimits limits() {
    return export.limits();
  }

  @Override
  public int maxPending() {
    return NbdRequests.MAX;
  }

  @Override
  public void attach(IoLoop ownLoop, BlockCompletion told) {
    loop = ownLoop;
    completion = told;
    connection.attach(ownLoop);
  }

  @Override
  public int read(CallState state, IovecArray buffers, long offset, int token) {
    return begin(NbdProtocol.CMD_READ, 0, offset, buffers.byteCount(), buffers, token);
  }

  @Override
  public int write(CallState state, IovecArray buffers, long offset, int token) {
    return begin(NbdProtocol.CMD_WRITE, writeFlags, offset, buffers.byteCount(), buffers, token);
  }

  /** A server that takes no flush has nothing that could be lost, or gets each write as durable. */
  @Override
  public int flush(CallState state, int token) {
    if (readOnly || !export.has(NbdProtocol.FLAG_SEND_FLUSH)) {
      return DONE;
    }
    if (connection.isFailing()) {
      return -Errno.EIO;
    }
    requests.add(NbdProtocol.CMD_FLUSH, 0, 0, 0, null, token);
    return PENDING;
  }

  @Override
  public int discard(CallState state, long offset, long count, int token) {
    return begin(NbdProtocol.CMD_TRIM, 0, offset, count, null, token);
  }

  @Override
  public int writeZeroes(CallState state, long offset, long count, boolean mayDiscard, int token) {
    int flags = writeFlags | (mayDiscard ? 0 : NbdProtocol.CMD_FLAG_NO_HOLE);
    return begin(NbdProtocol.CMD_WRITE_ZEROES, flags, offset, count, null, token);
  }

  private int begin(
      int type, int flags, long offset, long count, @Nullable IovecArray buffers, int token) {
    if (connection.isFailing()) {
      return -Errno.EIO;
    }
    if (count == 0) {
      return DONE; // which the protocol leaves undefined
    }
    requests.add(type, flags, offset, count, buffers, token);
    return PENDING;
  }

  @Override
  public void submit(CallState state) {
    connection.submit(state);
  }

  @Override
  public void cancel(CallState state) {
    connection.cancel(state);
  }

  private void ended(CallState state, NbdRequest request, int result) {
    int token = request.token;
    requests.remove(request);
    connection.answered();
    complete(state, token, result);
  }

  /** What the connection tells. */
  private final class Owner implements NbdConnection.Owner {
    /** What begins meanwhile is left alone. */
    @Override
    public void fail(CallState state, int result) {
      for (int left = requests.pendingCount(); left > 0; left--) {
        NbdRequest request = requests.takeUnsent();
        if (request == null) {
          break;
        }
        complete(state, request.token, result);
      }
      batchEnded(state);
    }

    @Override
    public void batchEnded(CallState state) {
      BlockCompletion told = completion;
      if (told != null && inBatch) {
        inBatch = false;
        told.batchEnded(state);
      }
    }
  }

  private void complete(CallState state, int token, int result) {
    BlockCompletion told = completion;
    if (told != null) {
      inBatch = true;
      told.completed(state, token, result);
    }
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    IoLoop running = loop;
    boolean isClosed = running != null && running.runAndAwait(connection::close);
    if (!isClosed) {
      connection.close(); // there is no loop, or it has ended: nobody else is there
    }
    sender.close();
    receiver.close();
  }
}
