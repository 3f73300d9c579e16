package io.jvmm.devices.block.nbd;

import io.jvmm.devices.block.DiskException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The first words of a connection ("Handshake phase"), without the connection: what is to be sent
 * lies in {@link #output}, what comes goes into {@link #input}, never a byte more than the next
 * message has. So what a server sends too early is never taken for part of what follows, the
 * encrypted part above all.
 *
 * <p>Newstyle only: NBD_OPT_GO, or NBD_OPT_EXPORT_NAME where the server knows no other.
 *
 * <p>Threads: one at a time.
 */
final class NbdNegotiation implements AutoCloseable {
  /** What has to happen next. */
  enum Next {
    SEND,
    RECEIVE,
    START_TLS,
    DONE
  }

  private enum State {
    GREETING,
    REPLY,
    REPLY_DATA,
    EXPORT
  }

  private static final int GREETING_SIZE = 18;
  private static final int OPTION_HEADER_SIZE = 16;
  private static final int OPTION_REPLY_SIZE = 20;

  /** be64 size, be16 flags. */
  private static final int EXPORT_SIZE = 10;

  private static final int EXPORT_PADDING = 124;

  /** An info reply: be16 type, then the type's own; a name or a text is the longest. */
  private static final int REPLY_DATA_MAX = NbdProtocol.STRING_MAX + Short.BYTES;

  /** There are four types of information; more replies than this are a server's endless talk. */
  private static final int REPLIES_MAX = 64;

  /** Of a server's text that is shown. */
  private static final int TEXT_MAX = 200;

  private final NbdTarget target;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment outputMemory;
  private final MemorySegment inputMemory;
  private final ByteBuffer out;
  private final ByteBuffer in;

  private State state = State.GREETING;
  private boolean tlsPending;
  private int sent;
  private int received;
  private int wanted = GREETING_SIZE;
  private boolean noZeroes;
  private int asked;
  private int replyType;
  private int replies;
  private long size = -1;
  private int flags;
  private int minimum;
  private int preferred;
  private int maximum;
  private @Nullable NbdExport export;

  NbdNegotiation(NbdTarget target) {
    this.target = target;
    int optionMax = Integer.BYTES + 2 * OPTION_HEADER_SIZE + REPLY_DATA_MAX + 4 * Short.BYTES;
    outputMemory = arena.allocate(optionMax, Long.BYTES);
    inputMemory = arena.allocate(REPLY_DATA_MAX, Long.BYTES);
    out = outputMemory.asByteBuffer();
    in = inputMemory.asByteBuffer();
  }

  Next next() {
    if (sent < out.position()) {
      return Next.SEND;
    }
    if (tlsPending) {
      return Next.START_TLS;
    }
    return export != null ? Next.DONE : Next.RECEIVE;
  }

  /** What has to be sent, for {@link Next#SEND}. */
  MemorySegment output() {
    return outputMemory.asSlice(sent, out.position() - sent);
  }

  void sent(long n) {
    sent += (int) n;
    if (sent == out.position()) {
      out.clear();
      sent = 0;
    }
  }

  /** Where what comes has to go, for {@link Next#RECEIVE}. */
  MemorySegment input() {
    return inputMemory.asSlice(received, wanted - received);
  }

  /**
   * So many bytes have come.
   *
   * @throws DiskException where the server refuses, or talks nonsense
   */
  void received(long n) {
    received += (int) n;
    if (received == wanted) {
      received = 0;
      in.clear();
      take();
    }
  }

  /** TLS is there; everything from here on goes through it. */
  void tlsStarted() {
    tlsPending = false;
    askForExport();
  }

  /** The export, for {@link Next#DONE}. */
  NbdExport export() {
    NbdExport known = export;
    if (known == null) {
      throw new IllegalStateException("the negotiation goes on");
    }
    return known;
  }

  private void take() {
    switch (state) {
      case GREETING -> greeting();
      case REPLY -> replyHeader();
      case REPLY_DATA -> reply(wanted);
      case EXPORT -> export = NbdExport.of(target.text(), in.getLong(), in.getShort() & 0xffff);
    }
  }

  private void expect(State next, int bytes) {
    state = next;
    wanted = bytes;
  }

  private void greeting() {
    if (in.getLong() != NbdProtocol.INIT_MAGIC) {
      throw refused("there is no NBD server: the other side speaks another protocol");
    }
    long magic = in.getLong();
    if (magic != NbdProtocol.OPTION_MAGIC) {
      throw refused(
          magic == NbdProtocol.OLDSTYLE_MAGIC
              ? "the server speaks the oldstyle protocol, which knows no exports"
              : "the server's greeting is not one of NBD");
    }
    int offered = in.getShort() & 0xffff;
    boolean fixed = (offered & NbdProtocol.FLAG_FIXED_NEWSTYLE) != 0;
    noZeroes = (offered & NbdProtocol.FLAG_NO_ZEROES) != 0;
    // Exactly what we know of what the server offers.
    out.putInt(offered & (NbdProtocol.FLAG_FIXED_NEWSTYLE | NbdProtocol.FLAG_NO_ZEROES));
    if (target.tls()) {
      if (!fixed) {
        throw refused("the server is too old for TLS");
      }
      option(NbdProtocol.OPT_STARTTLS, 0);
      expect(State.REPLY, OPTION_REPLY_SIZE);
    } else if (fixed) {
      askForExport();
    } else {
      askByNameAlone();
    }
  }

  private void option(int number, int length) {
    asked = number;
    out.putLong(NbdProtocol.OPTION_MAGIC).putInt(number).putInt(length);
  }

  private void askForExport() {
    byte[] name = name();
    option(NbdProtocol.OPT_GO, Integer.BYTES + name.length + 2 * Short.BYTES);
    out.putInt(name.length).put(name);
    out.putShort((short) 1).putShort((short) NbdProtocol.INFO_BLOCK_SIZE);
    expect(State.REPLY, OPTION_REPLY_SIZE);
  }

  /** A server that does not have the export can only hang up. */
  private void askByNameAlone() {
    byte[] name = name();
    option(NbdProtocol.OPT_EXPORT_NAME, name.length);
    out.put(name);
    expect(State.EXPORT, EXPORT_SIZE + (noZeroes ? 0 : EXPORT_PADDING));
  }

  private byte[] name() {
    return target.export().getBytes(StandardCharsets.UTF_8);
  }

  private void replyHeader() {
    long magic = in.getLong();
    int option = in.getInt();
    replyType = in.getInt();
    int length = in.getInt();
    if (++replies > REPLIES_MAX) {
      throw refused("the server does not stop telling about the export");
    }
    if (magic != NbdProtocol.OPTION_REPLY_MAGIC || option != asked) {
      throw refused("the server's reply is not one of NBD");
    }
    if (length < 0 || length > REPLY_DATA_MAX) {
      throw refused("the server's reply has " + Integer.toUnsignedString(length) + " bytes");
    }
    if (length > 0) {
      expect(State.REPLY_DATA, length);
    } else {
      reply(0);
    }
  }

  private void reply(int length) {
    if (replyType < 0) {
      if (replyType == NbdProtocol.REP_ERR_UNSUP && asked == NbdProtocol.OPT_GO) {
        askByNameAlone();
        return;
      }
      throw refused(reason(length));
    }
    if (asked == NbdProtocol.OPT_STARTTLS) {
      if (replyType != NbdProtocol.REP_ACK) {
        throw refused("the server's answer to STARTTLS is no answer");
      }
      tlsPending = true;
      return;
    }
    switch (replyType) {
      case NbdProtocol.REP_ACK -> acknowledged();
      case NbdProtocol.REP_INFO -> information(length);
      default -> {} // one of a later day, which a client passes over
    }
    expect(State.REPLY, OPTION_REPLY_SIZE);
  }

  private void information(int length) {
    int type = length < Short.BYTES ? -1 : in.getShort() & 0xffff;
    if (type == NbdProtocol.INFO_EXPORT && length == Short.BYTES + EXPORT_SIZE) {
      size = in.getLong();
      flags = in.getShort() & 0xffff;
      if (size < 0) {
        throw refused("the server names an impossible size");
      }
    } else if (type == NbdProtocol.INFO_BLOCK_SIZE && length == Short.BYTES + 3 * Integer.BYTES) {
      minimum = in.getInt();
      preferred = in.getInt();
      maximum = in.getInt();
    } else if (type == -1
        || type == NbdProtocol.INFO_EXPORT
        || type == NbdProtocol.INFO_BLOCK_SIZE) {
      throw refused("the server's information has " + length + " bytes");
    }
  }

  private void acknowledged() {
    if (size < 0) {
      throw refused("the server has not said how large the export is");
    }
    export =
        minimum == 0
            ? NbdExport.of(target.text(), size, flags)
            : NbdExport.of(target.text(), size, flags, minimum, preferred, maximum);
  }

  private String reason(int length) {
    String why =
        switch (replyType) {
          case NbdProtocol.REP_ERR_UNKNOWN ->
              "the server has no export '" + printable(target.export()) + "'";
          case NbdProtocol.REP_ERR_TLS_REQD ->
              "the server wants TLS: write nbds:// or nbds+unix://";
          case NbdProtocol.REP_ERR_POLICY ->
              asked == NbdProtocol.OPT_STARTTLS
                  ? "the server does not allow TLS"
                  : "the server does not allow it";
          case NbdProtocol.REP_ERR_UNSUP -> "the server has no TLS: write nbd:// or nbd+unix://";
          case NbdProtocol.REP_ERR_SHUTDOWN -> "the server is shutting down";
          case NbdProtocol.REP_ERR_INVALID -> "the server calls the request invalid";
          case NbdProtocol.REP_ERR_PLATFORM -> "the server's platform cannot do it";
          case NbdProtocol.REP_ERR_BLOCK_SIZE_REQD -> "the server wants its block size kept";
          default -> "the server refuses (error " + (replyType & Integer.MAX_VALUE) + ")";
        };
    byte[] bytes = new byte[Math.min(length, TEXT_MAX)];
    in.get(bytes);
    String text = printable(new String(bytes, StandardCharsets.UTF_8));
    return text.isEmpty() ? why : why + " (it says: " + text + ")";
  }

  /** A server's words reach a terminal: no control characters. */
  private static String printable(String text) {
    StringBuilder safe = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      safe.append(Character.isISOControl(c) ? '?' : c);
    }
    return safe.toString();
  }

  private DiskException refused(String why) {
    return new DiskException(target.text(), "cannot be used: " + why);
  }

  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
