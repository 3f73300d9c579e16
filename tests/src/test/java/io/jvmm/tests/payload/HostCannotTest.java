package io.jvmm.tests.payload;

import io.jvmm.tests.Command;
import io.jvmm.tests.Layer;
import io.jvmm.tests.Repository;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A host that cannot run a machine: status 3, and what to do about it. */
class HostCannotTest {
  private static final int HOST_CANNOT = 3;
  private static final Path KVM = Path.of("/dev/kvm");

  @TempDir Path directory;

  @Test
  void noPermissionToOpenKvm() throws Exception {
    Assumptions.assumeTrue(Files.exists(KVM), "no /dev/kvm on this host");
    Assumptions.assumeTrue(OrdinaryUser.isRoot(), "only root can become someone else");
    Assumptions.assumeTrue(isClosedToOthers(), "everyone may open /dev/kvm on this host");
    Command.Result result = OrdinaryUser.run(directory, "--kernel", Repository.payload("hello"));
    BadInputTest.assertRefused(HOST_CANNOT, "usermod -aG kvm", result);
  }

  @Test
  void noKvmAtAll() throws Exception {
    Assumptions.assumeTrue(OrdinaryUser.isRoot(), "only root can hide /dev/kvm");
    Command.Result unshare =
        Command.of(directory, "unshare", "--mount", "mount", "-t", "tmpfs", "none", "/mnt").run();
    Assumptions.assumeTrue(unshare.status() == 0, "this host lets nobody mount: " + unshare.err());
    Command.Result result =
        Command.jvmm(directory, "--kernel", Repository.payload("hello"))
            .under(
                "unshare", "--mount", "sh", "-c", "mount -t tmpfs none /dev && exec \"$@\"", "sh")
            .run();
    BadInputTest.assertRefused(HOST_CANNOT, "no /dev/kvm", result);
  }

  @Test
  void tooFewOpenFilesForSoManyCpus() throws Exception {
    Layer.needsKvm();
    Command.Result result =
        Command.jvmm(directory, "--kernel", Repository.payload("hello"), "--cpus", "32")
            .under("sh", "-c", "ulimit -n 40 && exec \"$@\"", "sh")
            .run();
    BadInputTest.assertRefused(HOST_CANNOT, "ulimit -n", result);
  }

  @Test
  void tooLittleAddressSpaceForTheGuestsMemory() throws Exception {
    Layer.needsKvm();
    Command.Result result =
        Command.jvmm(directory, "--kernel", Repository.payload("hello"), "--mem", "64G")
            .under("sh", "-c", "ulimit -v 8000000 && exec \"$@\"", "sh")
            .run();
    BadInputTest.assertRefused(HOST_CANNOT, "guest RAM", result);
  }

  private static boolean isClosedToOthers() throws Exception {
    return !Files.getPosixFilePermissions(KVM)
        .contains(java.nio.file.attribute.PosixFilePermission.OTHERS_WRITE);
  }
}
