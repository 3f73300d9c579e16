package io.jvmm.vmm.cli;

import io.jvmm.boot.CommandLine;
import java.lang.module.ModuleDescriptor;

/** The texts of {@code --help}, {@code --version} and of a call without arguments. */
final class Help {
  /** Where the texts of options begin. */
  private static final int TEXT_COLUMN = 8;

  private static final int WIDTH = 80;

  private static final String SYNOPSIS =
      """
        jvmm --kernel FILE [--initrd FILE] [--rootfs IMAGE|DIR[,ro]] [OPTION]...
        jvmm --config FILE [OPTION]...
        jvmm doctor [--can-boot-linux]
        jvmm control PATH COMMAND [NAME=VALUE]...
      """;

  private static final String DESCRIPTION =
      """
      DESCRIPTION
        Boots a Linux virtual machine on /dev/kvm and lives as long as it. The guest's
        serial console is the standard input and output; what jvmm itself has to say
        goes to standard error. 'jvmm doctor' tells what this host can do, and what to
        do about what it cannot.

      """;

  private static final String REST =
      """
      SIZES
        A whole number and K, M, G or T (powers of 1024): 64M, 6G. A number alone is
        MiB, as for the -m of other monitors: --mem 512 is --mem 512M.

      DISKS
        PATH is an image or a block device. An image is locked: one writer or many
        readers. In place of it a network block device may stand:
          nbd://HOST[:PORT]/EXPORT         nbds://...       the same with TLS
          nbd+unix:///EXPORT?socket=PATH   nbds+unix://...  the same with TLS
        Its server has to be there when the machine starts. When it goes, requests
        wait until it is back; with the parameter ?reconnect=SECONDS (&reconnect=...
        after another one) they fail after so long. A server that has requests and
        says nothing for ?timeout=SECONDS (120; 0 for ever) counts as gone. With TLS
        the server's name has to be that of its certificate; tls-ca=FILE names the PEM
        file of who signed it.
        Options follow, each after a comma:
          ro                the guest may only read it (rw: it may write, the default)
          format=raw|qcow2  what the image is; raw is the default, never guessed
          backing=PATH      of qcow2: its backing file, or a folder above all of them.
                            An image that names others, or any without this, is
                            refused: its content alone opens no file
          direct            leaves the host's page cache out
          aio=io_uring|threads
                            how the host is asked for a raw disk: by io_uring (the
                            default; threads where there is none), or by up to 16
                            threads
          cache=writeback   a write is on the medium with the guest's next flush
          cache=writethrough  or before it is answered; the guest may change this
          queues=N          1 to 16; one a CPU where nothing is said
          iops=N, bps=SIZE  operations and bytes a second (a bare number is bytes)
          iops-burst=N, bps-burst=SIZE
                            how much may come at once after a pause; a tenth of a
                            second's where nothing is said
          id=TEXT           its serial number, up to 20 characters
        A path may have commas: options are read from the end, as long as they look
        like options. A comma more ends a path that ends like one: 'a,ro,' is the file
        'a,ro', and 'a,ro,,direct' the same with an option.

      NETWORKS
        --net tap=NAME is an interface of the host that was made before, by root for
        the user who runs jvmm:
          ip tuntap add dev tap0 mode tap user USER [multi_queue]
          ip link set tap0 up master BRIDGE
        tap=fd:N is a tap that this process was given open (IFF_TAP, IFF_NO_PI,
        IFF_VNET_HDR), one descriptor a pair of queues: tap=fd:3:4.
        user needs no root and no interface: jvmm starts a passt of its own ('apt
        install passt') and ends it. It gives the guest an address by DHCP (the small
        kernel asks with 'ip=dhcp') and the host's network; the host's loopback is
        found at the guest's gateway. A passt that dies is not started again.
        unix=PATH speaks passt's protocol, which is that of QEMU's '-netdev stream',
        with whoever listens at that socket, and looks for one that has gone again.
        Options follow, each after a comma:
          mac=ADDRESS       the guest's address; where nothing is said it is made of
                            the host, the machine's name and the tap's, so that it is
                            the same at each start (of a descriptor: a random one)
          mtu=N             what the guest is told; otherwise that of the tap, 65520
                            with user, nothing with tap=fd and unix (Linux has 1500)
          hostfwd=PROTOCOL:[ADDRESS:]HOSTPORT:GUESTPORT
                            user: a port of the host that leads to the guest; PROTOCOL
                            is tcp or udp, ADDRESS a number of the host's, else every
                            IPv4 address: hostfwd=tcp:8080:80, hostfwd=udp:[::1]:53:53
                            and as many as wanted
          queues=N          pairs of queues, 1 to 16; the tap needs multi_queue then
          id=TEXT           its name for 'jvmm control'; net0, net1, ... otherwise
          rx-bps=SIZE, tx-bps=SIZE, rx-pps=N, tx-pps=N
                            bytes and frames a second that the guest is given (rx) and
                            may send (tx); a bare number is bytes
          rx-bps-burst=SIZE, ...  how much may come at once after a pause; a tenth of
                            a second's where nothing is said

      PERSISTENT MEMORY
        An image given with --pmem is mapped, not copied: the guest reads the pages of
        the host's page cache, which all machines with that image share, and with
        'mount -o ro,dax' it has no page cache of its own for it. A root file system:
          --pmem root.ext4 --cmdline "root=/dev/pmem0 rootflags=dax ro"
        The guest has to mount it read-only: what it writes there is thrown away. It
        spends 1.6 % of the image's size on its memory map. Nobody may cut the image
        while a machine runs, or a guest that reads beyond its end fails: replace it
        by rename. Its file system needs blocks of 4 KiB for dax.

      SHARED FOLDERS
        --share DIR:TAG is a virtio 9p device. A guest with jvmm's images finds the
        folder at /mnt/TAG, or at /run/share/TAG where / is read-only; others say:
          mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000 TAG /mnt
        What jvmm would mount it with is in the kernel's command line, as
        jvmm.share=TAG:OPTIONS (not with --cmdline-only, nor where a tag has more than
        letters, digits, '.', '_' and '-').
        No guest gets at anything outside DIR. Options follow, each after a comma:
          ro                nothing on the host changes
          security=passthrough
                            owners, modes, FIFOs and sockets are the host's, by
                            number: jvmm must be root, which has this where nothing
                            is said
          security=mapped-xattr
                            owners, modes and all special files are kept in extended
                            attributes of files that are closed to others, and of
                            jvmm's user; they are QEMU's, so a folder can be either's
          security=none     files are jvmm's user's; a guest that gives them away is
                            told that it did; what users other than root have where
                            nothing is said
          uid=UID[:GID]     security=none: files of jvmm's user are shown as this
                            user's of the guest (and this group's: GID or else UID)
          cache=mmap        the guest asks the host each time, so that it sees what
                            others change; files can be mapped (the default)
          cache=none        as mmap, but no file can be mapped shared and writable
          cache=loose       the guest remembers names, statuses and data: only where
                            nobody else changes the folder meanwhile
          acl               the guest's kernel keeps to access control lists, and
                            asks twice more about each file for them
          mount=SUBPATH     what is mounted there, below DIR, is part of it; no other
                            mount is, but a wall; for as many as there are
        docs/SHARE.md tells what each of them promises, and the limits.

      SOCKETS OF THE GUEST
        With --vsock cid=N,uds=PATH jvmm listens at the Unix socket PATH. A client
        writes 'CONNECT PORT' and a newline, and reads 'OK HOSTPORT' where a program
        of the guest listens at that port; else the connection is closed. What the
        guest connects to, at context id 2 and any port N, is what listens at PATH_N.
        Messages (SOCK_SEQPACKET) have PATH_seqpacket, and PATH_N where that is a
        socket of messages.
          port=N:fd=M       binds port N to socket M, which jvmm has from the program
                            that started it: who connects to a listening one reaches
                            the guest's port N, without a word; a connected one is
                            what the guest reaches at port N, once
        docs/VSOCK.md has the limits.

      CONFIGURATION FILE
        JSON with the same names as the options and the same values; numbers may be
        numbers, --quiet and --rng are true or false; disk, net, pmem,
        port and share are lists.
        A disk may be an object with its options as names:
          {"path": "data.img", "ro": true, "iops": 500}
        Unknown keys are errors. Paths are relative to the working directory. What
        the command line says wins.
          {"kernel": "vmlinux", "rootfs": "rootfs.ext4,ro", "disk": ["data.img"],
           "cpus": 2, "mem": "1G", "quiet": true}

      WHAT THE GUEST SEES
        CPUs as KVM offers them, with a local APIC each, an IOAPIC and kvmclock; ACPI
        (hardware-reduced), and an MP table for kernels without it; a 16550A serial
        port (ttyS0); an i8042 that resets; a CMOS clock; pvpanic; a power button;
        virtio disks in the order --rootfs (vda), --disk... (vdb, vdc, ...), and what
        else was asked for: pmem, rng, balloon, ports, vsock, net.
        The default kernel command line is
          %s
          [quiet] [root=/dev/vda rw|ro] [jvmm.share=...] [TEXT of --cmdline]
        with pci=off in place of pci=noearly where virtio devices are on no PCI bus.

      CONSOLE
        Where standard input is a terminal it is in raw mode while the guest runs, so
        Ctrl-C goes to the guest. Ctrl-A is the prefix of words to jvmm:
          Ctrl-A x        ends the virtual machine
          Ctrl-A Ctrl-A   sends one Ctrl-A
          Ctrl-A h        tells these

      SIGNALS
        SIGTERM, SIGINT and SIGHUP press the guest's power button: it shuts down as a
        machine does, and jvmm's exit status is that of the guest's end. The same
        signal once more ends the process and the machine with it, at once.

      CONTROL
        --control PATH makes a Unix socket for its owner alone, removed at the end.
        'jvmm control PATH COMMAND' asks the machine behind it:
          help      what can be asked for
          status    name, state and size
          stats     what devices and vCPUs have counted so far, with latencies
          stop      presses the power button
          kill      ends the guest now
          pause, resume
          disk-resize disk=ID, balloon [bytes=N], balloon-statistics
          link net=ID state=up|down
        A program writes one line of JSON and reads one (docs/CONTROL.md):
          {"execute": "status"}

      EXIT STATUS
        0    the guest powered off or rebooted, or Ctrl-A x was typed
        1    the guest's kernel panicked or crashed
        2    bad usage or input; nothing was started
        3    this host cannot: no /dev/kvm, no permission, no memory (see jvmm doctor)
        4    internal error
        128+N  ended by signal N

      ENVIRONMENT
        JVMM_DEBUG=1    show where an error came from

      EXAMPLES
        A shell in a root file system:
          jvmm --kernel vmlinux --rootfs rootfs.ext4
        Four CPUs, 2 GiB, an untouched root and a data disk:
          jvmm --kernel bzImage --rootfs root.ext4,ro --disk d.img --cpus 4 --mem 2G
        An initial RAM disk with another init:
          jvmm --kernel bzImage --initrd initrd.cpio --cmdline "rdinit=/bin/sh"
        How long the boot took, as numbers and as a picture:
          jvmm --kernel vmlinux --rootfs rootfs.ext4 --stats --timeline boot.svg
        In a script:
          if jvmm doctor --can-boot-linux; then ... ; fi
      """;

  private Help() {}

  /** What a call without arguments gets. */
  static String usage() {
    return "usage:\n" + SYNOPSIS + "'jvmm --help' tells all.\n";
  }

  /** Everything, like a manual page. */
  static String text() {
    StringBuilder text = new StringBuilder(8192);
    text.append("NAME\n  jvmm - boot a Linux virtual machine on KVM\n\nSYNOPSIS\n");
    text.append(SYNOPSIS).append('\n').append(DESCRIPTION).append("OPTIONS\n");
    text.append("  A value follows its option as the next argument or after '='.\n\n");
    for (CommandOption option : CommandOption.values()) {
      appendOption(text, option);
    }
    return text.append(REST.replace("%s", CommandLine.DEFAULTS + " " + CommandLine.NO_EARLY_PCI))
        .toString();
  }

  private static void appendOption(StringBuilder text, CommandOption option) {
    text.append("  ").append(option.flag());
    if (option.needsValue()) {
      text.append(' ');
    }
    text.append(option.placeholder()).append('\n');
    appendWrapped(text, meaning(option));
    text.append('\n');
  }

  private static void appendWrapped(StringBuilder text, String words) {
    StringBuilder line = new StringBuilder();
    for (String word : words.split(" ", -1)) {
      if (TEXT_COLUMN + line.length() + 1 + word.length() > WIDTH) {
        text.repeat(' ', TEXT_COLUMN).append(line).append('\n');
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : " ").append(word);
    }
    text.repeat(' ', TEXT_COLUMN).append(line).append('\n');
  }

  private static String meaning(CommandOption option) {
    return switch (option) {
      case KERNEL -> "The kernel: an ELF vmlinux or a bzImage (boot protocol 2.12 or newer).";
      case INITRD -> "An initial RAM disk.";
      case ROOTFS ->
          "The disk with the root file system, the guest's /dev/vda; with ',ro' the guest may"
              + " only read it. See DISKS. Or a folder of the host's, which the guest then has as"
              + " its root by 9p, with the options of --share.";
      case DISK -> "One more disk; see DISKS. May be repeated.";
      case CMDLINE -> "Words added to the default kernel command line.";
      case CMDLINE_ONLY ->
          "The whole kernel command line, in place of the default one. With acpi=off in it the"
              + " kernel is told of its disks here, since it cannot find them by itself.";
      case CPUS -> "How many CPUs, 1 to 32; 1 where nothing is said.";
      case MEM -> "How much memory, 16M to 1T; 256M where nothing is said.";
      case CONSOLE ->
          "Where the serial console is: standard input and output (stdio, the default), nowhere"
              + " (none), or a file that is written anew.";
      case NET -> "A network device, eth0 and on; see NETWORKS. May be repeated.";
      case PMEM ->
          "An image that lies in the guest's address space, read-only: /dev/pmem0 and on. May be"
              + " repeated; see PERSISTENT MEMORY.";
      case PORT ->
          "A stream of bytes between a program in the guest, which finds it by its name"
              + " (/sys/class/virtio-ports), and one on the host: at a Unix socket that jvmm"
              + " makes, a file that is written anew, or a descriptor. May be repeated.";
      case SHARE ->
          "A folder of the host's, which the guest mounts by its tag; see SHARED FOLDERS. May be"
              + " repeated.";
      case VSOCK ->
          "Connections between programs in the guest (AF_VSOCK, context id N, from 3 up) and on the"
              + " host, at Unix sockets or descriptors; see SOCKETS OF THE GUEST.";
      case BALLOON ->
          "Memory that the guest frees goes back to the host. With SIZE the guest is asked to give"
              + " up so much at once; it takes it back where it runs out of memory.";
      case RNG ->
          "A device with the host's random bytes (/dev/hwrng). A kernel that trusts its CPU's own"
              + " generator, as most do, has enough without it.";
      case TRANSPORT ->
          "How the guest reaches its virtio devices: functions on a PCI bus with an interrupt for"
              + " each queue (pci), or pages of registers that ACPI tells of (mmio), which need two"
              + " exits an interrupt but no PCI in the kernel. auto, the default, is pci unless the"
              + " kernel command line has acpi=off, pci=off or pci=nomsi.";
      case ENTRY ->
          "Which way into the kernel: Linux's own 64-bit entry (linux), that of PVH (pvh), or the"
              + " first of the two that it has (auto, the default).";
      case QUIET -> "Asks the kernel to tell only what is wrong, which makes it boot faster.";
      case NAME -> "A short name for this machine, seen in the names of its threads.";
      case CONFIG -> "Takes options from a file as well; see CONFIGURATION FILE.";
      case STATS ->
          "At the end tells on standard error how long each step of the boot took, exits of each"
              + " CPU, counters of each device, latencies of its queues and the memory of this"
              + " process without the guest's; as one line of JSON with =json.";
      case TIMELINE -> "Draws the boot into an SVG file.";
      case JFR ->
          "Records the same figures each second as events of JDK Flight Recorder"
              + " (io.jvmm.VirtioQueue, io.jvmm.VcpuExits), for the JDK's jfr command or JDK"
              + " Mission Control.";
      case CONTROL ->
          "Makes a Unix socket through which this machine can be asked and told things while it"
              + " runs; see CONTROL.";
      case HELP -> "Shows this text.";
      case VERSION -> "Shows the version.";
    };
  }

  /** The version that the module was built with. */
  static String version() {
    ModuleDescriptor descriptor = Help.class.getModule().getDescriptor();
    return descriptor == null ? "unknown" : descriptor.rawVersion().orElse("unknown");
  }
}
