package io.jvmm.vmm.jfr;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import jdk.jfr.Recording;
import org.jspecify.annotations.Nullable;

/**
 * {@code --jfr FILE}: records jvmm's own events into a file.
 *
 * <p>Threads: the owner's; the recording is begun on a thread of its own, beside the guest's boot.
 */
public final class FlightFile implements AutoCloseable {
  /** The property in which Flight Recorder tells where its working files are. */
  private static final String REPOSITORY = "jdk.jfr.repository";

  private final Path file;
  private final Thread starter = new Thread(this::begin, "flight-recorder");
  private @Nullable Recording recording; // the starter's until it is joined
  private boolean started;

  /**
   * Nothing is recorded yet.
   *
   * @param file is written at the end
   */
  public FlightFile(String file) {
    this.file = Path.of(file);
    starter.setDaemon(true);
  }

  /** Begins to record, on another thread. */
  public void start() {
    started = true;
    starter.start();
  }

  private void begin() {
    Recording begun = new Recording();
    begun.setName("jvmm");
    begun.enable(VirtioQueueEvent.class);
    begun.enable(VcpuExitsEvent.class);
    begun.start();
    recording = begun;
  }

  /** Waits until the recording is on, so that the last events of a short life are in it. */
  public void awaitStart() throws InterruptedException {
    if (started) {
      starter.join();
    }
  }

  /**
   * Writes the file.
   *
   * @throws UncheckedIOException where it cannot be written
   */
  @Override
  public void close() {
    Recording ended = recording;
    if (ended == null) {
      return;
    }
    recording = null;
    try (ended) {
      ended.stop();
      ended.dump(file);
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be written: " + e.getMessage(), e);
    }
    removeRepository();
  }

  /** Its own clean-up is a shutdown hook, which the process does not wait for. */
  private static void removeRepository() {
    String repository = System.getProperty(REPOSITORY);
    if (repository == null) {
      return;
    }
    try {
      Files.deleteIfExists(Path.of(repository));
    } catch (IOException notEmpty) {
      // Another recording's, who removes it.
    }
  }
}
