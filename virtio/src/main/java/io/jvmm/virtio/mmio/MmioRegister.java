package io.jvmm.virtio.mmio;

/** Offsets of the control registers (virtio 1.2, table 4.1), all le32. */
public final class MmioRegister {
  /** R: "virt". */
  public static final int MAGIC_VALUE = 0x000;

  /** R: 2. */
  public static final int VERSION = 0x004;

  /** R. */
  public static final int DEVICE_ID = 0x008;

  /** R. */
  public static final int VENDOR_ID = 0x00c;

  /** R: the word of features that the selector names. */
  public static final int DEVICE_FEATURES = 0x010;

  /** W. */
  public static final int DEVICE_FEATURES_SEL = 0x014;

  /** W: the word of features that the selector names. */
  public static final int DRIVER_FEATURES = 0x020;

  /** W. */
  public static final int DRIVER_FEATURES_SEL = 0x024;

  /** W: which queue the queue registers mean. */
  public static final int QUEUE_SEL = 0x030;

  /** R: 0 where there is no such queue. */
  public static final int QUEUE_NUM_MAX = 0x034;

  /** W. */
  public static final int QUEUE_NUM = 0x038;

  /** RW. */
  public static final int QUEUE_READY = 0x044;

  /** W: the machine puts an ioeventfd here, one a queue index. */
  public static final int QUEUE_NOTIFY = 0x050;

  /** R. */
  public static final int INTERRUPT_STATUS = 0x060;

  /** W: bits to clear. */
  public static final int INTERRUPT_ACK = 0x064;

  /** RW. */
  public static final int STATUS = 0x070;

  /** W, as the five after it. */
  public static final int QUEUE_DESC_LOW = 0x080;

  public static final int QUEUE_DESC_HIGH = 0x084;
  public static final int QUEUE_DRIVER_LOW = 0x090;
  public static final int QUEUE_DRIVER_HIGH = 0x094;
  public static final int QUEUE_DEVICE_LOW = 0x0a0;
  public static final int QUEUE_DEVICE_HIGH = 0x0a4;

  /** R: all ones, there is no shared memory region; as the three after it. */
  public static final int SHM_LEN_LOW = 0x0b0;

  public static final int SHM_LEN_HIGH = 0x0b4;
  public static final int SHM_BASE_LOW = 0x0b8;
  public static final int SHM_BASE_HIGH = 0x0bc;

  /** RW: 1 to reset the queue; reads as 0, since the write returns when that is done. */
  public static final int QUEUE_RESET = 0x0c0;

  /** R. */
  public static final int CONFIG_GENERATION = 0x0fc;

  /** The device's configuration space, to the end of the page. */
  public static final int CONFIG = 0x100;

  /** Bytes of guest physical space that a device takes. */
  public static final int LENGTH = 0x1000;

  private MmioRegister() {}
}
