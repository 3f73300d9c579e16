import io.jvmm.vmm.DiskConfig;
import io.jvmm.vmm.Machine;
import io.jvmm.vmm.MachineConfig;
import io.jvmm.vmm.MachineConsole;
import io.jvmm.vmm.MachineEnd;
import io.jvmm.vmm.MachineObserver;

/** Boots a machine from Java, with its console on this program's output: {@code BootLinux KERNEL [ROOTFS]}. */
public final class BootLinux {
  public static void main(String[] args) throws InterruptedException {
    MachineConfig config =
        MachineConfig.forKernel(args[0])
            .cpus(2)
            .memoryBytes(256L << 20)
            .rootfs(args.length > 1 ? DiskConfig.of(args[1], true) : null)
            .build();
    MachineObserver observer =
        new MachineObserver() {
          @Override
          public void milestone(int number, long nanos) {
            System.err.println("milestone " + number);
          }
        };
    try (Machine machine =
        Machine.builder(config)
            .observer(observer)
            .console(MachineConsole.ofDescriptors(-1, 1, false)) // stdout
            .build()) {
      machine.start();
      MachineEnd end = machine.await();
      System.err.println(end.cause());
    }
  }
}
