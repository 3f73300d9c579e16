package io.jvmm.tests;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** What a layer of tests needs of this host; where it is not there, its tests are skipped. */
public final class Layer {
  private static final Path KVM = Path.of("/dev/kvm");

  private Layer() {}

  /** Payload guests run on any KVM. */
  public static void needsKvm() {
    Assumptions.assumeTrue(Files.exists(KVM), "no /dev/kvm on this host");
    Assumptions.assumeTrue(
        Files.isReadable(KVM) && Files.isWritable(KVM), "no permission to open /dev/kvm");
  }
}
