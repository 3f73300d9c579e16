package io.jvmm.tests.payload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.tests.Command;
import io.jvmm.tests.Layer;
import io.jvmm.tests.Repository;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is wrong is said in one line that names it, with the right status, and nothing is started.
 */
class BadInputTest {
  private static final int BAD_INPUT = 2;

  @TempDir Path directory;

  @Test
  void noKernel() throws Exception {
    refused("kernel", "--cpus", "2");
    refused("no-such-kernel", "--kernel", directory.resolve("no-such-kernel").toString());
  }

  @Test
  void aFolderAsKernel() throws Exception {
    refused(directory.toString(), "--kernel", directory.toString());
  }

  @Test
  void aFolderThatCannotBeSharedAsItIsAskedFor() throws Exception {
    Layer.needsKvm(); // folders are opened once there is a machine
    String kernel = Repository.payload("hello");
    String missing = directory.resolve("no-such-folder").toString();
    refused("no-such-folder", "--kernel", kernel, "--share", missing + ":x");
    refused("mapped-xattr", "--kernel", kernel, "--share", "/proc:x,security=mapped-xattr");
    refused("uid=", "--kernel", kernel, "--share", directory + ":x,uid=0,security=passthrough");
  }

  @Test
  void aTruncatedElf() throws Exception {
    byte[] whole = Files.readAllBytes(Path.of(Repository.payload("hello")));
    for (int length : new int[] {20, 100, 4200}) {
      Path cut = Files.write(directory.resolve("cut"), Arrays.copyOf(whole, length));
      refused("truncated", "--kernel", cut.toString());
    }
  }

  @Test
  void anElfOfAnotherArchitecture() throws Exception {
    byte[] elf = Files.readAllBytes(Path.of(Repository.payload("hello")));
    elf[18] = (byte) 183; // e_machine: EM_AARCH64
    Path arm = Files.write(directory.resolve("arm"), elf);
    refused("arm64", "--kernel", arm.toString());
  }

  @Test
  void aBzImageOfAnotherArchitecture() throws Exception {
    byte[] image = Files.readAllBytes(Path.of(Repository.payload("hello.bzImage")));
    image[0x236] = 0; // xloadflags: no 64-bit entry
    Path i386 = Files.write(directory.resolve("i386"), image);
    refused("32-bit", "--kernel", i386.toString());
  }

  @Test
  void aFileThatIsNoKernel() throws Exception {
    Path text = Files.writeString(directory.resolve("text"), "not a kernel\n".repeat(1000));
    refused(text.toString(), "--kernel", text.toString());
  }

  @Test
  void anInitrdLargerThanRam() throws Exception {
    Path initrd = directory.resolve("initrd");
    try (RandomAccessFile file = new RandomAccessFile(initrd.toFile(), "rw")) {
      file.setLength(128L << 20);
    }
    refused("initrd", hello("--mem", "64M", "--initrd", initrd.toString()));
  }

  @Test
  void memoryThatIsTooLittleOrNoSize() throws Exception {
    refused("mem", hello("--mem", "1"));
    refused("mem", hello("--mem", "much"));
    refused("mem", hello("--mem", "-64M"));
    refused("mem", hello("--mem", "99999999999999999999G"));
  }

  @Test
  void noCpuOrTooManyOrNoNumber() throws Exception {
    refused("cpus", hello("--cpus", "0"));
    refused("cpus", hello("--cpus", "33"));
    refused("cpus", hello("--cpus", "two"));
  }

  @Test
  void aCommandLineThatIsTooLong() throws Exception {
    refused("command line", hello("--cmdline", "x".repeat(3000)));
  }

  @Test
  void aDiskThatIsNotThere() throws Exception {
    refused("no-such-disk", hello("--disk", directory.resolve("no-such-disk").toString()));
  }

  @Test
  void anUnknownOption() throws Exception {
    refused("--karnel", "--karnel", "x");
  }

  @Test
  void aConfigurationThatIsNoJson() throws Exception {
    Path config = Files.writeString(directory.resolve("config.json"), "{\"kernel\": ");
    refused(config.toString(), "--config", config.toString());
  }

  @Test
  void aDiskThatMayNotBeRead() throws Exception {
    Path disk = Files.write(directory.resolve("disk.img"), new byte[4096]);
    assertTrue(disk.toFile().setReadable(false, false));
    assertTrue(disk.toFile().setWritable(false, false));
    Command.Result result = OrdinaryUser.run(directory, hello("--disk", disk.toString()));
    assertRefused(BAD_INPUT, "disk.img", result);
    assertTrue(result.err().contains("permission denied"), result::err);
  }

  private static String[] hello(String... options) {
    List<String> arguments = new ArrayList<>(List.of("--kernel", Repository.payload("hello")));
    arguments.addAll(Arrays.asList(options));
    return arguments.toArray(String[]::new);
  }

  private void refused(String named, String... arguments) throws Exception {
    assertRefused(BAD_INPUT, named, Command.jvmm(directory, arguments).run());
  }

  static void assertRefused(int status, String named, Command.Result result) {
    assertEquals(status, result.status(), result::err);
    assertEquals("", result.out());
    assertEquals(1, result.errLines().size(), result::err);
    assertTrue(result.err().startsWith("jvmm: "), result::err);
    assertTrue(result.err().contains(named), () -> named + " is not in: " + result.err());
  }
}
