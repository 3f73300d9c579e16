package io.jvmm.devices.block.nbd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jvmm.devices.block.DiskException;
import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Starts the servers that people use; a test that wants one that is not installed is skipped. */
final class NbdServers {
  private final Path folder;
  private final List<Process> running = new ArrayList<>();

  /**
   * @param folder for their files
   */
  NbdServers(Path folder) {
    this.folder = folder;
  }

  static void stop(Process process) throws InterruptedException {
    process.destroyForcibly();
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
  }

  private static String installed(String program) {
    for (String bin : List.of("/usr/bin", "/usr/sbin", "/bin", "/usr/local/bin")) {
      File file = new File(bin, program);
      if (file.canExecute()) {
        return file.getPath();
      }
    }
    assumeTrue(false, "no " + program + " on this host (apt install " + program + ")");
    throw new AssertionError("not reached");
  }

  private Process start(List<String> command) throws IOException {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("server.log").toFile())
            .start();
    running.add(process);
    return process;
  }

  /** Starts nbdkit, and waits until its socket is there: it prints nothing. */
  Process nbdkit(Path socket, String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(installed("nbdkit"));
    command.addAll(List.of("--foreground", "--unix", socket.toString()));
    command.addAll(List.of(arguments));
    Process process = start(command);
    awaitFile(process, socket);
    return process;
  }

  Process nbdServer(Path socket, Path image, String... options) throws Exception {
    String program = installed("nbd-server");
    StringBuilder config = new StringBuilder("[generic]\nallowlist = true\n");
    config.append("unixsock = ").append(socket).append("\n[data]\nexportname = ").append(image);
    config.append('\n');
    for (String option : options) {
      config.append(option).append('\n');
    }
    Path file = Files.writeString(folder.resolve("nbd.conf"), config);
    Process process = start(List.of(program, "-d", "-C", file.toString()));
    awaitFile(process, socket);
    return process;
  }

  private void awaitFile(Process server, Path path) throws IOException {
    while (!Files.exists(path)) {
      assertTrue(server.isAlive(), () -> "the server has ended: " + log());
      Thread.onSpinWait();
    }
  }

  private String log() {
    try {
      return Files.readString(folder.resolve("server.log"), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** A server that has made its socket may not listen yet. */
  static NbdUnderTest open(String uri) {
    for (int tries = 0; ; tries++) {
      try {
        return NbdUnderTest.open(uri);
      } catch (DiskException e) {
        if (tries > 100_000 || !e.toString().contains("no server listens")) {
          throw e;
        }
      }
    }
  }

  /** Starts nbdkit with TLS at a port that is free; answers the URI. */
  String tlsServer(Path certificates) throws Exception {
    Path pid = folder.resolve("pid");
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Process server =
        start(
            List.of(
                installed("nbdkit"),
                "--foreground",
                "--pidfile",
                pid.toString(),
                "--ipaddr",
                "127.0.0.1",
                "--port",
                Integer.toString(port),
                "--tls=require",
                "--tls-certificates=" + certificates,
                "memory",
                "16M"));
    awaitFile(server, pid);
    return "nbds://localhost:" + port + "/";
  }

  /** A folder with a CA, and a server's certificate that it has signed. */
  Path certificates(String name) throws Exception {
    String openssl = installed("openssl");
    Path to = Files.createDirectory(folder.resolve("tls"));
    String[] ca = {
      openssl,
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:prime256v1",
      "-nodes",
      "-days",
      "2",
      "-subj",
      "/CN=test",
      "-keyout",
      "ca-key.pem",
      "-out",
      "ca-cert.pem"
    };
    String[] request = {
      openssl,
      "req",
      "-new",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:prime256v1",
      "-nodes",
      "-subj",
      "/CN=" + name,
      "-addext",
      "subjectAltName=DNS:" + name,
      "-keyout",
      "server-key.pem",
      "-out",
      "request.pem"
    };
    String[] sign = {
      openssl,
      "x509",
      "-req",
      "-in",
      "request.pem",
      "-CA",
      "ca-cert.pem",
      "-CAkey",
      "ca-key.pem",
      "-CAcreateserial",
      "-days",
      "2",
      "-copy_extensions",
      "copy",
      "-out",
      "server-cert.pem"
    };
    for (String[] command : List.of(ca, request, sign)) {
      Process process =
          new ProcessBuilder(command)
              .directory(to.toFile())
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("openssl.log").toFile())
              .start();
      assertEquals(0, process.waitFor(), () -> String.join(" ", command));
    }
    return to;
  }

  /** Ends all of them. */
  void stopAll() throws InterruptedException {
    for (Process process : running) {
      stop(process);
    }
  }
}
