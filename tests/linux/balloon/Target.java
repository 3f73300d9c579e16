import io.jvmm.devices.balloon.BalloonStatistics;
import io.jvmm.vmm.DiskConfig;
import io.jvmm.vmm.Machine;
import io.jvmm.vmm.MachineConfig;
import io.jvmm.vmm.MachineConsole;
import io.jvmm.vmm.MachineObserver;
import io.jvmm.vmm.VirtioConfig;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Inflates and deflates a guest's balloon: {@code Target KERNEL ROOTFS}. Prints what the guest says of its memory
 * before, meanwhile and after.
 */
public final class Target {
  private static final long MIB = 1 << 20;
  private static final int HANG_SECONDS = 100;

  private final Machine machine;

  private Target(Machine machine) {
    this.machine = machine;
  }

  public static void main(String[] args) throws Exception {
    CountDownLatch init = new CountDownLatch(1);
    MachineObserver observer =
        new MachineObserver() {
          @Override
          public void milestone(int number, long nanos) {
            init.countDown();
          }
        };
    MachineConfig config =
        MachineConfig.forKernel(args[0])
            .rootfs(DiskConfig.of(args[1], true))
            .memoryBytes(128 * MIB)
            .quiet(true)
            .virtio(VirtioConfig.NONE.withBalloon(0))
            .build();
    try (Machine machine =
        Machine.builder(config).observer(observer).console(MachineConsole.NONE).build()) {
      machine.start();
      if (!init.await(HANG_SECONDS, TimeUnit.SECONDS)) {
        throw new IllegalStateException("no init");
      }
      Target target = new Target(machine);
      target.tell("before");
      target.reach(32 * MIB);
      target.tell("inflated");
      target.reach(0);
      target.tell("deflated");
    }
  }

  private void reach(long bytes) throws InterruptedException {
    machine.balloon(bytes);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(HANG_SECONDS);
    while (machine.balloonSize() != bytes) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("the balloon has " + machine.balloonSize() + " bytes, not " + bytes);
      }
      Thread.sleep(100);
    }
  }

  private void tell(String when) throws InterruptedException {
    BalloonStatistics memory = machine.balloonStatistics(TimeUnit.SECONDS.toMillis(HANG_SECONDS));
    if (memory == null) {
      throw new IllegalStateException("the guest tells nothing");
    }
    System.out.println(
        when + " free " + memory.freeMemory() / MIB + " total " + memory.totalMemory() / MIB);
  }
}
