package io.jvmm.virtio.pci;

import io.jvmm.virtio.VirtioDevice;
import java.lang.foreign.MemorySegment;

/**
 * The configuration space of a virtio function: who it is, its BAR, and the list of capabilities
 * that says what lies where in the BAR (virtio 1.2, 4.1.2 and 4.1.4).
 *
 * <p>A driver walks the list from its head again and again, so the order is that of what is looked
 * for first.
 */
final class VirtioFunction {
  private static final int VENDOR = 0x1af4;
  private static final int FIRST_DEVICE_ID = 0x1040; // and the virtio device id
  private static final int REVISION_MODERN = 1;

  private static final int CAPABILITY_MSIX = 0x11;
  private static final int CAPABILITY_VENDOR = 0x09;

  /** MSI-X: id, next, Message Control, table, pending bits. */
  static final int MSIX = PciConfigSpace.HEADER_SIZE;

  static final int MSIX_CONTROL = MSIX + 2;
  static final int MSIX_ENABLE = 1 << 15;
  static final int MSIX_MASK_ALL = 1 << 14;
  private static final int MSIX_SIZE = 12;

  private static final int VENDOR_SIZE = 16;
  private static final int COMMON = MSIX + MSIX_SIZE;
  private static final int NOTIFY = COMMON + VENDOR_SIZE;
  private static final int NOTIFY_SIZE = VENDOR_SIZE + Integer.BYTES;
  private static final int ISR = NOTIFY + NOTIFY_SIZE;
  private static final int DEVICE = ISR + VENDOR_SIZE;

  /** VIRTIO_PCI_CAP_PCI_CFG: a window into the BAR (4.1.4.9). */
  static final int WINDOW = DEVICE + VENDOR_SIZE;

  static final int WINDOW_BAR = WINDOW + 4;
  static final int WINDOW_OFFSET = WINDOW + 8;
  static final int WINDOW_LENGTH = WINDOW + 12;
  static final int WINDOW_DATA = WINDOW + VENDOR_SIZE;
  static final int WINDOW_SIZE = VENDOR_SIZE + Integer.BYTES;

  private static final int TYPE_COMMON = 1;
  private static final int TYPE_NOTIFY = 2;
  private static final int TYPE_ISR = 3;
  private static final int TYPE_DEVICE = 4;
  private static final int TYPE_WINDOW = 5;

  private VirtioFunction() {}

  static PciConfigSpace configSpace(VirtioDevice device, MemorySegment page, int barAddress) {
    PciConfigSpace space =
        new PciConfigSpace(
            page,
            VENDOR,
            FIRST_DEVICE_ID + device.deviceId(),
            REVISION_MODERN,
            classCode(device.deviceId()));
    space.bar(barAddress, PciBar.SIZE);
    space.set16(PciConfigSpace.STATUS, PciConfigSpace.STATUS_CAPABILITIES_LIST);
    space.set8(PciConfigSpace.CAPABILITIES_POINTER, MSIX);

    space.set8(MSIX, CAPABILITY_MSIX);
    space.set8(MSIX + 1, COMMON);
    space.set16(MSIX_CONTROL, device.queueCount()); // one vector more than queues, less one
    space.set32(MSIX + 4, PciBar.MSIX_TABLE); // the lowest bits name BAR 0
    space.set32(MSIX + 8, PciBar.MSIX_PENDING);
    space.allow(MSIX, (MSIX_ENABLE | MSIX_MASK_ALL) << Short.SIZE);

    int notifyLength = device.queueCount() * PciBar.NOTIFY_MULTIPLIER;
    capability(space, COMMON, NOTIFY, VENDOR_SIZE, TYPE_COMMON);
    location(space, COMMON, PciBar.COMMON, CommonConfig.SIZE);
    capability(space, NOTIFY, ISR, NOTIFY_SIZE, TYPE_NOTIFY);
    location(space, NOTIFY, PciBar.NOTIFY, notifyLength);
    space.set32(NOTIFY + VENDOR_SIZE, PciBar.NOTIFY_MULTIPLIER);
    capability(space, ISR, DEVICE, VENDOR_SIZE, TYPE_ISR);
    location(space, ISR, PciBar.ISR, 1);
    capability(space, DEVICE, WINDOW, VENDOR_SIZE, TYPE_DEVICE);
    location(space, DEVICE, PciBar.DEVICE, PciBar.PART_SIZE);
    capability(space, WINDOW, 0, WINDOW_SIZE, TYPE_WINDOW);
    space.allow(WINDOW_BAR, 0xff);
    space.allow(WINDOW_OFFSET, -1);
    space.allow(WINDOW_LENGTH, -1);
    return space;
  }

  private static void capability(PciConfigSpace space, int at, int next, int size, int type) {
    space.set8(at, CAPABILITY_VENDOR);
    space.set8(at + 1, next);
    space.set8(at + 2, size);
    space.set8(at + 3, type);
  }

  private static void location(PciConfigSpace space, int at, int offset, int length) {
    space.set32(at + 8, offset);
    space.set32(at + 12, length);
  }

  /** For people who list devices; no driver goes by it (PCI Code and ID Assignment 1.11). */
  private static int classCode(int deviceId) {
    return switch (deviceId) {
      case 1 -> 0x02_00_00; // net: Ethernet controller
      case 2 -> 0x01_80_00; // block: other mass storage
      case 3 -> 0x07_80_00; // console: other communication
      default -> 0xff_00_00; // in no class
    };
  }
}
