package io.jvmm.vmm;

import io.jvmm.boot.BootParameters;
import io.jvmm.boot.CommandLine;
import io.jvmm.boot.Initrd;
import io.jvmm.boot.KernelEntry;
import io.jvmm.boot.KernelImage;
import io.jvmm.boot.KernelLoader;
import io.jvmm.boot.MachineLayout;
import io.jvmm.boot.VirtioMmioSlot;
import io.jvmm.devices.balloon.Balloon;
import io.jvmm.devices.block.Block;
import io.jvmm.devices.block.BlockBackend;
import io.jvmm.devices.block.BlockOptions;
import io.jvmm.devices.console.Console;
import io.jvmm.devices.console.NamedPort;
import io.jvmm.devices.i8042.I8042;
import io.jvmm.devices.io.IoLoop;
import io.jvmm.devices.milestone.MilestonePort;
import io.jvmm.devices.net.Net;
import io.jvmm.devices.net.NetBackend;
import io.jvmm.devices.net.NetOptions;
import io.jvmm.devices.p9.ShareException;
import io.jvmm.devices.p9.ShareOptions;
import io.jvmm.devices.p9.SharedFolder;
import io.jvmm.devices.pmem.Pmem;
import io.jvmm.devices.pmem.PmemImage;
import io.jvmm.devices.power.SleepRegisters;
import io.jvmm.devices.pvpanic.PvPanic;
import io.jvmm.devices.rng.Rng;
import io.jvmm.devices.rtc.CmosClock;
import io.jvmm.devices.serial.Serial;
import io.jvmm.devices.serial.SerialConsole;
import io.jvmm.devices.serial.SerialLine;
import io.jvmm.devices.vsock.Vsock;
import io.jvmm.devices.vsock.VsockPlaces;
import io.jvmm.host.SyscallException;
import io.jvmm.memory.GuestMemory;
import io.jvmm.memory.GuestRegion;
import io.jvmm.virtio.Interrupt;
import io.jvmm.virtio.VirtioDevice;
import io.jvmm.virtio.VirtioTransport;
import io.jvmm.vmm.MachineObserver.Step;
import io.jvmm.vmm.bus.MmioBus;
import io.jvmm.vmm.bus.PortBus;
import io.jvmm.vmm.bus.VirtioBus;
import io.jvmm.vmm.cpu.CpuEntry;
import io.jvmm.vmm.cpu.Cpuid;
import io.jvmm.vmm.cpu.RunGate;
import io.jvmm.vmm.cpu.Vcpu;
import io.jvmm.vmm.irq.IrqFdInterrupt;
import io.jvmm.vmm.kvm.CpuidTable;
import io.jvmm.vmm.kvm.GsiRouting;
import io.jvmm.vmm.kvm.Kvm;
import io.jvmm.vmm.kvm.KvmCap;
import io.jvmm.vmm.kvm.KvmVm;
import io.jvmm.vmm.pci.PciBus;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Builds a {@link Machine}: {@link #build} reads as the list of what a machine is.
 *
 * <p>Threads: belongs to one thread, and builds one machine.
 */
public final class MachineBuilder {
  private final MachineConfig config;
  private MachineObserver observer = MachineObserver.NONE;
  private MachineConsole console = MachineConsole.NONE;
  private boolean recordsLatencies;
  private boolean recordsFlight;

  /** What the machine will own, what is to be closed first at the head. */
  private final ArrayDeque<AutoCloseable> owned = new ArrayDeque<>();

  private final List<VirtioTransport> virtioDevices = new ArrayList<>();
  private final List<Block> blocks = new ArrayList<>();
  private final List<Net> nets = new ArrayList<>();
  private @Nullable Balloon balloon;
  private @Nullable Vsock vsock;
  private final List<Vcpu> vcpus = new ArrayList<>();
  private final PortBus ports = new PortBus();
  private final MmioBus mmio = new MmioBus();

  MachineBuilder(MachineConfig config) {
    this.config = config;
  }

  /** Who hears of the machine's way. */
  public MachineBuilder observer(MachineObserver value) {
    observer = value;
    return this;
  }

  /** What is at the other end of the serial port. */
  public MachineBuilder console(MachineConsole value) {
    console = value;
    return this;
  }

  /**
   * Whether it is recorded how long each virtio device has each request: {@link
   * Machine#deviceStats} then has latencies. Costs two looks at the clock a request and 26 KiB a
   * queue; off where nothing is said.
   */
  public MachineBuilder recordLatencies(boolean value) {
    recordsLatencies = value;
    return this;
  }

  /**
   * Whether recordings of JDK Flight Recorder in this JVM have this machine's figures, latencies
   * included: {@code io.jvmm.VirtioQueue} and {@code io.jvmm.VcpuExits}, each second and at the
   * end. Off where nothing is said; loads {@code jdk.jfr} when the guest runs.
   */
  public MachineBuilder flightRecorder(boolean value) {
    recordsFlight = value;
    return this;
  }

  /**
   * Makes the machine; its guest has not run yet. What was asked for is looked at before anything
   * is made.
   *
   * @throws io.jvmm.boot.BootException where kernel, initrd or command line are not fit
   * @throws io.jvmm.devices.block.DiskException where a disk is not fit
   * @throws io.jvmm.devices.pmem.PmemException where an image is not fit
   * @throws io.jvmm.devices.net.NetException where a network is not to be had
   * @throws KvmUnavailableException where this host cannot run a machine
   * @throws io.jvmm.host.SyscallException where the host refuses something else
   */
  public Machine build() {
    own(console::close);
    try {
      return assemble();
    } catch (RuntimeException | Error e) {
      Cleanup.closeAllAfter(e, owned);
      throw e;
    }
  }

  private Machine assemble() {
    // What was asked for is opened, loaded and checked before anything of KVM is.
    List<BlockBackend> disks = openDisks();
    List<PmemImage> images = openImages();
    List<NamedPort> portEnds = openPorts();
    VsockPlaces vsockPlaces = openVsock();
    List<NetBackend> wires = openNets();
    GuestMemory memory = mapMemory();
    KernelEntry entry = loadKernel(memory, disks.size() + config.virtio().deviceCount());

    try (Kvm kvm = Kvm.open()) {
      requireCapabilities(kvm);
      KvmVm vm = own(kvm.createVm());
      vm.setMemory(memory);
      GsiRouting routing = attachInterruptControllers(kvm, vm);
      reached(Step.VM_CREATED);

      MachineEvents events = new MachineEvents(observer);
      IoLoop loop = own(IoLoop.start(config.name() + " io-0", events));
      SerialLine serialLine = attachSerial(vm, loop, events);
      Interrupt powerButton = attachPower(vm, events);
      attachClock(vm, loop);
      attachSignals(events);
      VirtioBus virtio =
          config.transport() == Transport.PCI
              ? new PciBus(kvm, vm, routing, memory, mmio, owned)
              : new VirtioMmioBus(vm, memory, mmio, owned);
      attachDisks(virtio, disks, events);
      attachImages(kvm, vm, memory, images, virtio, loop);
      attachOthers(virtio, loop, portEnds);
      attachVsock(virtio, loop, vsockPlaces);
      attachNets(virtio, wires, events);
      attachShares(virtio, events);
      recordLatencies();
      reached(Step.DEVICES_ATTACHED);

      RunGate gate = new RunGate();
      attachVcpus(kvm, vm, memory, gate, events, entry);
      reached(Step.VCPUS_CREATED);

      Machine machine =
          new Machine(
              config,
              observer,
              memory,
              gate,
              vcpus,
              serialLine,
              virtioDevices,
              blocks,
              nets,
              balloon,
              vsock,
              powerButton,
              recordsFlight,
              owned);
      events.connect(machine);
      return machine;
    }
  }

  private <T extends AutoCloseable> T own(T owner) {
    owned.push(owner);
    return owner;
  }

  private void reached(Step step) {
    observer.step(step, System.nanoTime());
  }

  private List<BlockBackend> openDisks() {
    List<BlockBackend> disks = new ArrayList<>();
    List<DiskConfig> configs = config.allDisks();
    DiskOpener opener = own(new DiskOpener(observer, configs.size()));
    for (DiskConfig disk : configs) {
      disks.add(own(opener.open(disk)));
    }
    return disks;
  }

  private List<NamedPort> openPorts() {
    List<PortConfig> configs = config.virtio().ports();
    List<NamedPort> opened = new ArrayList<>();
    for (int i = 0; i < configs.size(); i++) {
      opened.add(new NamedPort(configs.get(i).name(), own(configs.get(i).open(config))));
    }
    return opened;
  }

  private @Nullable VsockPlaces openVsock() {
    VsockConfig wanted = config.virtio().vsock();
    return wanted == null ? null : own(wanted.open());
  }

  private List<NetBackend> openNets() {
    List<NetConfig> configs = config.virtio().nets();
    List<NetBackend> opened = new ArrayList<>();
    for (int i = 0; i < configs.size(); i++) {
      opened.add(own(NetOpener.open(configs.get(i))));
    }
    return opened;
  }

  private List<PmemImage> openImages() {
    List<String> paths = config.virtio().pmem();
    List<PmemImage> images = new ArrayList<>();
    for (int i = 0; i < paths.size(); i++) {
      images.add(own(PmemImage.open(paths.get(i))));
    }
    return images;
  }

  /** The places of so many virtio devices, where they are not on a bus of their own. */
  private List<VirtioMmioSlot> slots(int count) {
    List<VirtioMmioSlot> slots = new ArrayList<>(count);
    if (config.transport() != Transport.MMIO) {
      return slots;
    }
    for (int i = 0; i < count; i++) {
      slots.add(
          new VirtioMmioSlot(MachineLayout.virtioMmioAddress(i), MachineLayout.virtioMmioGsi(i)));
    }
    return slots;
  }

  private GuestMemory mapMemory() {
    GuestMemory memory =
        own(
            GuestMemory.allocate(
                config.memoryBytes(),
                MachineLayout.HOLE_START,
                MachineLayout.HOLE_END,
                GuestMemory.Backing.ANONYMOUS));
    reached(Step.MEMORY_MAPPED);
    return memory;
  }

  private KernelEntry loadKernel(GuestMemory memory, int deviceCount) {
    try (KernelImage kernel = KernelImage.open(config.kernel());
        Initrd initrd = openInitrd()) {
      BootParameters parameters =
          new BootParameters(
              config.cpus(),
              new CommandLine().add(config.kernelCommandLine()),
              initrd,
              slots(deviceCount),
              config.transport() == Transport.PCI,
              config.entryProtocol(),
              config.kernelIsImmutable());
      KernelEntry entry = KernelLoader.load(kernel, parameters, memory);
      reached(Step.KERNEL_LOADED);
      return entry;
    }
  }

  private @Nullable Initrd openInitrd() {
    String path = config.initrd();
    return path == null ? null : Initrd.open(path);
  }

  private static void requireCapabilities(Kvm kvm) {
    for (KvmCap capability : KvmCap.values()) {
      if (capability.isRequired()) {
        kvm.require(capability);
      }
    }
  }

  private GsiRouting attachInterruptControllers(Kvm kvm, KvmVm vm) {
    if (kvm.check(KvmCap.SET_TSS_ADDR) != 0) {
      vm.setTssAddress(MachineLayout.KVM_TSS);
    }
    vm.createIrqchip();
    GsiRouting routing = new GsiRouting(vm, MachineLayout.GSI_COUNT);
    if (kvm.check(KvmCap.TSC_DEADLINE_TIMER) == 0) {
      vm.createPit(); // else the local APIC timer has nothing to be calibrated against
    }
    return routing;
  }

  private SerialLine attachSerial(KvmVm vm, IoLoop loop, MachineEvents events) {
    SerialLine line = own(SerialLine.open("serial line"));
    IrqFdInterrupt interrupt = own(IrqFdInterrupt.connect(vm, MachineLayout.COM1_GSI));
    ports.add(MachineLayout.COM1_PORT, MachineLayout.COM1_PORT_COUNT, new Serial(line, interrupt));
    own(
        SerialConsole.attach(
            loop, line, console.input(), console.output(), console.escapes(), events));
    return line;
  }

  private Interrupt attachPower(KvmVm vm, MachineEvents events) {
    ports.add(
        MachineLayout.SLEEP_CONTROL_PORT,
        SleepRegisters.PORT_COUNT,
        new SleepRegisters(MachineLayout.SLEEP_TYPE_S5, events));
    return own(IrqFdInterrupt.connect(vm, MachineLayout.POWER_BUTTON_GSI));
  }

  private void attachClock(KvmVm vm, IoLoop loop) {
    IrqFdInterrupt interrupt = own(IrqFdInterrupt.connect(vm, MachineLayout.RTC_GSI));
    ports.add(MachineLayout.RTC_PORT, CmosClock.PORT_COUNT, own(CmosClock.attach(loop, interrupt)));
  }

  private void attachSignals(MachineEvents events) {
    ports.add(MachineLayout.I8042_DATA_PORT, I8042.PORT_COUNT, new I8042(events));
    ports.add(MachineLayout.PVPANIC_PORT, 1, new PvPanic(events));
    ports.add(MachineLayout.MILESTONE_PORT, 1, new MilestonePort(events));
  }

  /**
   * Disks have an io thread of their own: a flush may take long, and the console goes on meanwhile.
   */
  private void attachDisks(VirtioBus virtio, List<BlockBackend> disks, MachineEvents events) {
    if (disks.isEmpty()) {
      return;
    }
    IoLoop loop = own(IoLoop.start(config.name() + " io-1", events));
    List<DiskConfig> wanted = config.allDisks();
    for (int i = 0; i < disks.size(); i++) {
      BlockOptions options = DiskOptions.of(wanted.get(i), i, config.cpus());
      Block block = own(new Block(disks.get(i), options, loop));
      blocks.add(block);
      attachVirtio(virtio, block);
    }
  }

  private void attachImages(
      Kvm kvm,
      KvmVm vm,
      GuestMemory memory,
      List<PmemImage> images,
      VirtioBus virtio,
      IoLoop loop) {
    if (images.isEmpty()) {
      return;
    }
    PmemRegions regions = PmemRegions.map(kvm, vm, memory, images);
    for (int i = 0; i < images.size(); i++) {
      GuestRegion at = regions.region(i);
      attachVirtio(virtio, own(new Pmem(images.get(i).path(), at.gpa(), at.length(), loop)));
    }
  }

  /** Their place after the disks is what keeps those vda, vdb, …, whatever else there is. */
  private void attachOthers(VirtioBus virtio, IoLoop loop, List<NamedPort> portEnds) {
    if (config.virtio().rng()) {
      attachVirtio(virtio, own(new Rng(loop)));
    }
    if (config.virtio().hasBalloon()) {
      balloon = own(new Balloon(loop));
      balloon.setTarget(config.virtio().balloonBytes());
      attachVirtio(virtio, balloon);
    }
    if (!portEnds.isEmpty()) {
      attachVirtio(virtio, own(new Console(portEnds, loop)));
    }
  }

  private void attachVsock(VirtioBus virtio, IoLoop loop, @Nullable VsockPlaces places) {
    VsockConfig wanted = config.virtio().vsock();
    if (wanted != null && places != null) {
      vsock = own(new Vsock(wanted.cid(), places, loop));
      attachVirtio(virtio, vsock);
    }
  }

  /**
   * Network devices share an io thread that disks have no part in: a frame is to go while a disk's
   * data is copied.
   */
  private void attachNets(VirtioBus virtio, List<NetBackend> wires, MachineEvents events) {
    if (wires.isEmpty()) {
      return;
    }
    IoLoop loop = own(IoLoop.start(config.name() + " io-2", events));
    List<NetConfig> wanted = config.virtio().nets();
    for (int i = 0; i < wires.size(); i++) {
      wires.get(i).awaitReady(); // what has been started has had the time until here
      NetOptions options = NetOpener.options(config, wanted.get(i), i);
      Net net = own(new Net(wires.get(i), options, loop, observer::netNews));
      nets.add(net);
      attachVirtio(virtio, net);
    }
  }

  /** Each has a thread of its own, which waits for the host's file system where that is slow. */
  private void attachShares(VirtioBus virtio, MachineEvents events) {
    List<ShareOptions> shares = config.virtio().shares();
    for (int i = 0; i < shares.size(); i++) {
      IoLoop loop = own(IoLoop.start(config.name() + " 9p-" + i, events));
      attachVirtio(virtio, own(openShare(shares.get(i), loop)));
    }
  }

  private SharedFolder openShare(ShareOptions share, IoLoop loop) {
    try {
      return SharedFolder.open(share, loop, observer::shareNews);
    } catch (SyscallException | ShareException e) {
      throw new MachineConfigException("share " + share.tag() + ": " + e.getMessage());
    }
  }

  private void attachVirtio(VirtioBus virtio, VirtioDevice device) {
    virtioDevices.add(virtio.attach(device));
  }

  private void recordLatencies() {
    if (!recordsLatencies && !recordsFlight) {
      return;
    }
    for (VirtioTransport transport : virtioDevices) {
      for (int queue = 0; queue < transport.device().queueCount(); queue++) {
        transport.queueStats(queue).recordLatencies();
      }
    }
  }

  private void attachVcpus(
      Kvm kvm,
      KvmVm vm,
      GuestMemory memory,
      RunGate gate,
      MachineEvents events,
      KernelEntry entry) {
    Cpuid cpuid = new Cpuid(config.cpus(), kvm.check(KvmCap.TSC_DEADLINE_TIMER) != 0);
    try (CpuidTable table = kvm.supportedCpuid()) {
      for (int index = 0; index < config.cpus(); index++) {
        Vcpu vcpu =
            new Vcpu(config.name(), index, vm.createVcpu(index), ports, mmio, memory, gate, events);
        vcpus.add(own(vcpu));
        cpuid.describe(table, index);
        vcpu.kvm().setCpuid(table);
        CpuEntry.setMsrs(vcpu.kvm());
      }
    }
    CpuEntry.enter(vcpus.getFirst().kvm(), entry);
  }
}
