package io.jvmm.devices.net;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.SyscallException;
import io.jvmm.host.process.ChildProcess;
import io.jvmm.host.socket.Socket;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A passt of our own: it gives the guest addresses (DHCP, DHCPv6, NDP), name servers, and the
 * host's network by ordinary sockets, so that nobody needs to be root.
 *
 * <p>It inherits one end of a socket pair and ends with the other, which is how it goes when this
 * process is killed, too; there is no socket in the file system that anybody else could use. It
 * goes into the background when it is ready: until then its error output is ours, and says what it
 * lacks. One that has gone is not started again: the guest's connections are lost with it, and who
 * runs the machine is to know.
 *
 * <p>Threads: as its interface says.
 */
public final class Passt implements StreamPeer {
  /** What passt itself says where nobody asks for another: few frames a megabyte. */
  public static final int MTU_DEFAULT = 65_520;

  private static final String PROGRAM = "passt";

  /** It says nothing while it starts, and takes a tenth of a second; in an emulator a few. */
  private static final int START_MILLIS = 30_000;

  /** One that is told to end and does not is not waited for any longer. */
  private static final int END_MILLIS = 1000;

  /** Where there is no system log, passt says so before each of its lines. */
  private static final String NO_SYSTEM_LOG = "Failed to send ";

  private final int mtu;
  private final ChildProcess process;
  private final Socket connection;

  private Passt(int mtu, ChildProcess process, Socket connection) {
    this.mtu = mtu;
    this.process = process;
    this.connection = connection;
  }

  /**
   * Starts one, and does not wait until it is ready.
   *
   * @param forwards ports of the host that lead to the guest
   * @param mtu what it tells the guest, or 0 for {@link #MTU_DEFAULT}
   * @throws NetException where it is not installed
   * @throws SyscallException where the host refuses a process or a descriptor
   */
  public static Passt start(List<HostForward> forwards, int mtu) {
    return start(PROGRAM, forwards, mtu);
  }

  static Passt start(String program, List<HostForward> forwards, int mtu) {
    int told = mtu == 0 ? MTU_DEFAULT : mtu;
    Socket[] pair = Socket.pair(PROGRAM);
    try (Socket theirs = pair[1]) {
      ChildProcess process = ChildProcess.start(command(program, forwards, told), theirs.fd());
      return new Passt(told, process, pair[0]);
    } catch (SyscallException e) {
      pair[0].close();
      throw e.is(Errno.ENOENT) || e.is(Errno.EACCES) ? missing(e) : e;
    }
  }

  private static NetException missing(SyscallException e) {
    String why = e.is(Errno.ENOENT) ? "is not installed" : "may not be run";
    return new NetException(PROGRAM, why + ": the guest's network needs it (apt install passt)");
  }

  /** What it is started as: quiet, or it would say on each start what it tells the guest. */
  static List<String> command(String program, List<HostForward> forwards, int mtu) {
    List<String> command = new ArrayList<>();
    command.add(program);
    command.add("--quiet");
    command.add("--fd");
    command.add(Integer.toString(ChildProcess.INHERITED));
    command.add("--mtu");
    command.add(Integer.toString(mtu));
    add(command, "--tcp-ports", forwards, HostForward.Protocol.TCP);
    add(command, "--udp-ports", forwards, HostForward.Protocol.UDP);
    return command;
  }

  private static void add(
      List<String> command,
      String option,
      List<HostForward> forwards,
      HostForward.Protocol protocol) {
    boolean none = true;
    for (int i = 0; i < forwards.size(); i++) {
      if (forwards.get(i).protocol() == protocol) {
        command.add(option);
        command.add(forwards.get(i).passtPorts());
        none = false;
      }
    }
    if (none) { // else it may forward those of the other protocol
      command.add(option);
      command.add("none");
    }
  }

  /** For tests: what {@link #backend} talks over. */
  Socket connection() {
    return connection;
  }

  /** Frames over this one, which becomes the backend's. */
  public StreamBackend backend() {
    return new StreamBackend(this, connection);
  }

  /**
   * Waits until every forward is there.
   *
   * @throws NetException where it cannot do what it was asked for: what it said
   */
  @Override
  public void awaitReady() {
    String said;
    try {
      said = process.readErrors(START_MILLIS);
    } catch (SyscallException e) {
      throw new NetException(PROGRAM, "is not ready after " + START_MILLIS / 1000 + " seconds");
    }
    int status = process.awaitExit();
    if (status != 0) {
      String last = lastLine(said);
      throw new NetException(
          PROGRAM, "did not start: " + (last.isEmpty() ? "exit status " + status : last));
    }
  }

  /** What it ended with; before that come warnings. */
  static String lastLine(String said) {
    String last = "";
    int at = 0;
    while (at < said.length()) {
      int end = said.indexOf('\n', at);
      String line = said.substring(at, end < 0 ? said.length() : end).strip();
      if (!line.isEmpty() && !line.startsWith(NO_SYSTEM_LOG)) {
        last = line;
      }
      at = end < 0 ? said.length() : end + 1;
    }
    return last;
  }

  @Override
  public String name() {
    return PROGRAM;
  }

  @Override
  public int mtu() {
    return mtu;
  }

  @Override
  public boolean mayComeBack() {
    return false;
  }

  @Override
  public @Nullable Socket connect() {
    return null;
  }

  /** Has it end, and waits for that: its ports are free for the next one then. */
  @Override
  public void hangUp(Socket ours) {
    CallState state = CallState.current();
    ours.tryShutdownOutput(state);
    long end = System.nanoTime() + END_MILLIS * 1_000_000L;
    while (ours.awaitReadable(state, END_MILLIS) && System.nanoTime() - end < 0) {
      long n = ours.tryReceive(state, state.scratch().address(), CallState.PATH_MAX);
      if (n <= 0 && n != -Errno.EAGAIN && n != -Errno.EINTR) {
        break;
      }
    }
    ours.close();
  }

  @Override
  public void close() {
    process.close();
    connection.close();
  }
}
