import io.jvmm.vmm.DiskConfig;
import io.jvmm.vmm.Machine;
import io.jvmm.vmm.MachineConfig;
import io.jvmm.vmm.MachineConsole;
import io.jvmm.vmm.MachineEnd;
import io.jvmm.vmm.MachineObserver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * Boots Linux in many machines of one JVM: {@code ManyMachines KERNEL ROOTFS IN_TURN AT_ONCE}. Prints how many reached
 * init and powered off, and what this process holds before and after.
 */
public final class ManyMachines {
  private final MachineConfig config;
  private final AtomicInteger inits = new AtomicInteger();
  private int poweredOff;

  private ManyMachines(String kernel, String rootfs) {
    config =
        MachineConfig.forKernel(kernel)
            .rootfs(DiskConfig.of(rootfs, true))
            .cpus(2)
            .quiet(true)
            .commandLine("jvmm.poweroff")
            .build();
  }

  public static void main(String[] args) throws Exception {
    ManyMachines machines = new ManyMachines(args[0], args[1]);
    machines.boot(1); // what the JVM makes once
    String before = held();
    for (int i = 0; i < Integer.parseInt(args[2]); i++) {
      machines.boot(1);
    }
    machines.boot(Integer.parseInt(args[3]));
    System.out.println("init " + machines.inits + " off " + machines.poweredOff);
    System.out.println("before: " + before);
    System.out.println("after:  " + held());
  }

  private void boot(int atOnce) throws InterruptedException {
    MachineObserver observer =
        new MachineObserver() {
          @Override
          public void milestone(int number, long nanos) {
            inits.incrementAndGet();
          }
        };
    List<Machine> running = new ArrayList<>();
    for (int i = 0; i < atOnce; i++) {
      running.add(
          Machine.builder(config).observer(observer).console(MachineConsole.NONE).build());
    }
    for (Machine machine : running) {
      machine.start();
    }
    for (Machine machine : running) {
      if (machine.await().cause() == MachineEnd.Cause.POWERED_OFF) {
        poweredOff++;
      }
      machine.close();
    }
  }

  /** Descriptors, machine threads, and mappings that name KVM. */
  private static String held() throws IOException {
    try (Stream<Path> fds = Files.list(Path.of("/proc/self/fd"));
        Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
      long threads =
          Thread.getAllStackTraces().keySet().stream()
              .map(Thread::getName)
              .filter(name -> name.contains("vcpu-") || name.contains("io-"))
              .count();
      return fds.count()
          + " descriptors, "
          + threads
          + " machine threads, "
          + maps.filter(line -> line.contains("kvm")).count()
          + " mappings of KVM";
    }
  }
}
