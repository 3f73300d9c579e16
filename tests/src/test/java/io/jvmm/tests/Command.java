package io.jvmm.tests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A program run to its end, or to a point on its way. */
public final class Command {
  /** Far more than anything here takes: it ends a test that hangs. */
  private static final long LIMIT_SECONDS = 120;

  /**
   * What a program left.
   *
   * @param status exit status
   * @param out what it wrote to stdout
   * @param err what it wrote to stderr
   */
  public record Result(int status, String out, String err) {
    /** The lines of stderr. */
    public List<String> errLines() {
      return err.lines().toList();
    }
  }

  private final List<String> command;
  private final Path directory;

  private Command(List<String> command, Path directory) {
    this.command = command;
    this.directory = directory;
  }

  /** {@code bin/jvmm} with arguments; its output goes to files in {@code directory}. */
  public static Command jvmm(Path directory, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Repository.root().resolve("bin/jvmm").toString());
    command.addAll(Arrays.asList(arguments));
    return new Command(command, directory);
  }

  /** Any program. */
  public static Command of(Path directory, String... command) {
    return new Command(List.of(command), directory);
  }

  /** The same, started by another program, such as {@code setpriv}. */
  public Command under(String... launcher) {
    List<String> whole = new ArrayList<>(Arrays.asList(launcher));
    whole.addAll(command);
    return new Command(whole, directory);
  }

  /** Runs it to its end. */
  public Result run() throws IOException, InterruptedException {
    Running running = start();
    return running.end();
  }

  /** Starts it, with nothing to read on its stdin until {@link Running#process} is asked to. */
  public Running start() throws IOException {
    Path out = Files.createTempFile(directory, "out", ".txt");
    Path err = Files.createTempFile(directory, "err", ".txt");
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    return new Running(process, out, err, String.join(" ", command));
  }

  /**
   * A program on its way.
   *
   * @param process the process itself
   * @param out the file of its stdout
   * @param err the file of its stderr
   * @param text its command line
   */
  public record Running(Process process, Path out, Path err, String text) {
    /** Waits until stdout holds {@code text}. */
    public void awaitOutput(String text) throws IOException, InterruptedException {
      await(out, text);
    }

    /** Waits until stderr holds {@code text}. */
    public void awaitError(String text) throws IOException, InterruptedException {
      await(err, text);
    }

    private void await(Path file, String text) throws IOException, InterruptedException {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
      while (!Files.readString(file).contains(text)) {
        if (process.waitFor(10, TimeUnit.MILLISECONDS) || System.nanoTime() > end) {
          if (Files.readString(file).contains(text)) {
            return;
          }
          process.destroyForcibly();
          throw new AssertionError(
              "no '"
                  + text
                  + "' from "
                  + this.text
                  + ": "
                  + Files.readString(out)
                  + Files.readString(err));
        }
      }
    }

    /** Waits for its end. */
    public Result end() throws IOException, InterruptedException {
      process.getOutputStream().close();
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError(
            "still running after "
                + LIMIT_SECONDS
                + " s: "
                + text
                + ": "
                + Files.readString(out)
                + Files.readString(err));
      }
      return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
    }
  }
}
