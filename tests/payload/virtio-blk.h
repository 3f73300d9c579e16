/*
 * A virtio-blk driver over virtio-mmio version 2 or virtio-pci that polls: one request at a time (virtio 1.2, 4.1, 4.2
 * and 5.2). It knows where jvmm puts things; an operating system is told by ACPI and walks the capabilities.
 */
#ifndef VIRTIO_BLK_H
#define VIRTIO_BLK_H

#include "machine.h"

enum {
    VIRTIO_SLOTS = 0xd0000000u,
    VIRTIO_SLOT_SIZE = 0x1000,
    VIRTIO_MAGIC = 0x74726976,
    VIRTIO_ID_BLOCK = 2,

    MMIO_MAGIC = 0x000,
    MMIO_VERSION = 0x004,
    MMIO_DEVICE_ID = 0x008,
    MMIO_DEVICE_FEATURES = 0x010,
    MMIO_DEVICE_FEATURES_SEL = 0x014,
    MMIO_DRIVER_FEATURES = 0x020,
    MMIO_DRIVER_FEATURES_SEL = 0x024,
    MMIO_QUEUE_SEL = 0x030,
    MMIO_QUEUE_SIZE_MAX = 0x034,
    MMIO_QUEUE_SIZE = 0x038,
    MMIO_QUEUE_READY = 0x044,
    MMIO_QUEUE_NOTIFY = 0x050,
    MMIO_INTERRUPT_STATUS = 0x060,
    MMIO_INTERRUPT_ACK = 0x064,
    MMIO_STATUS = 0x070,
    MMIO_QUEUE_DESC = 0x080,
    MMIO_QUEUE_DRIVER = 0x090,
    MMIO_QUEUE_DEVICE = 0x0a0,
    MMIO_CONFIG_GENERATION = 0x0fc,
    MMIO_CONFIG = 0x100,

    PCI_CONFIG = 0xd0100000u,
    PCI_FUNCTION_SHIFT = 15, /* function 0 of each device */
    PCI_ID_BLOCK = 0x10421af4,
    PCI_COMMAND = 0x04,
    PCI_COMMAND_MEMORY = 2,
    PCI_BAR = 0x10,

    BAR_DEVICE_FEATURES_SEL = 0x00, /* common configuration; 32 bits */
    BAR_DEVICE_FEATURES = 0x04,
    BAR_DRIVER_FEATURES_SEL = 0x08,
    BAR_DRIVER_FEATURES = 0x0c,
    BAR_STATUS = 0x14, /* 8 bits */
    BAR_GENERATION = 0x15,
    BAR_QUEUE_SEL = 0x16, /* 16 bits */
    BAR_QUEUE_SIZE = 0x18,
    BAR_QUEUE_ENABLE = 0x1c,
    BAR_QUEUE_DESC = 0x20, /* 64 bits */
    BAR_QUEUE_DRIVER = 0x28,
    BAR_QUEUE_DEVICE = 0x30,
    BAR_ISR = 0x1000,
    BAR_CONFIG = 0x2000,
    BAR_NOTIFY = 0x3000,

    STATUS_ACKNOWLEDGE = 1,
    STATUS_DRIVER = 2,
    STATUS_DRIVER_OK = 4,
    STATUS_FEATURES_OK = 8,
    STATUS_NEEDS_RESET = 64,

    BLK_F_RO = 5,
    BLK_F_FLUSH = 9,
    BLK_F_DISCARD = 13,
    BLK_F_WRITE_ZEROES = 14,
    VERSION_1_HIGH = 1, /* feature 32 */

    BLK_T_IN = 0,
    BLK_T_OUT = 1,
    BLK_T_FLUSH = 4,
    BLK_T_GET_ID = 8,
    BLK_T_DISCARD = 11,
    BLK_T_WRITE_ZEROES = 13,

    DESC_NEXT = 1,
    DESC_WRITE = 2,
    QUEUE_SIZE = 4,
    SECTOR = 512,
};

struct blk_queue {
    struct {
        u64 address;
        u32 length;
        u16 flags;
        u16 next;
    } desc[QUEUE_SIZE];
    struct {
        u16 flags;
        u16 index;
        u16 ring[QUEUE_SIZE];
        u16 used_event;
    } avail;
    struct {
        u16 flags;
        u16 index;
        struct {
            u32 id;
            u32 length;
        } ring[QUEUE_SIZE];
        u16 avail_event;
    } used __attribute__((aligned(8)));
} __attribute__((aligned(4096)));

struct blk_request {
    u32 type;
    u32 reserved;
    u64 sector;
};

/* What is discarded or zeroed. */
struct blk_range {
    u64 sector;
    u32 sectors;
    u32 flags;
};

struct blk {
    volatile u8 *registers; /* of virtio-mmio, or null */
    volatile u8 *bar;       /* of virtio-pci, or null */
    struct blk_queue *queue;
    u64 sectors;
    u32 features;
    int read_only;
};

static inline u32 mmio_read(volatile u8 *registers, u32 offset) {
    return *(volatile u32 *)(registers + offset);
}

static inline void mmio_write(volatile u8 *registers, u32 offset, u32 value) {
    *(volatile u32 *)(registers + offset) = value;
}

static inline void mmio_write64(volatile u8 *registers, u32 offset, u64 value) {
    mmio_write(registers, offset, (u32)value);
    mmio_write(registers, offset + 4, (u32)(value >> 32));
}

static inline volatile u8 *virtio_slot(u32 index) {
    return (volatile u8 *)(u64)(VIRTIO_SLOTS + index * VIRTIO_SLOT_SIZE);
}

static inline volatile u8 *pci_function(u32 index) {
    return (volatile u8 *)(u64)(PCI_CONFIG + ((index + 1) << PCI_FUNCTION_SHIFT)); /* device 0 is the host bridge */
}

static inline int mmio_is_block(u32 index) {
    volatile u8 *registers = virtio_slot(index);
    return mmio_read(registers, MMIO_MAGIC) == VIRTIO_MAGIC && mmio_read(registers, MMIO_VERSION) == 2 &&
           mmio_read(registers, MMIO_DEVICE_ID) == VIRTIO_ID_BLOCK;
}

/* Whether the virtio device of this place, on either bus, is a disk. */
static inline int virtio_is_block(u32 index) {
    return mmio_is_block(index) || mmio_read(pci_function(index), 0) == PCI_ID_BLOCK;
}

static inline u32 blk_features(u32 offered) {
    return offered & (1u << BLK_F_RO | 1u << BLK_F_FLUSH | 1u << BLK_F_DISCARD | 1u << BLK_F_WRITE_ZEROES);
}

static inline void bar_write16(volatile u8 *bar, u32 offset, u16 value) {
    *(volatile u16 *)(bar + offset) = value;
}

static inline int pci_start(struct blk *blk, volatile u8 *function, struct blk_queue *queue) {
    bar_write16(function, PCI_COMMAND, PCI_COMMAND_MEMORY);
    volatile u8 *bar = (volatile u8 *)(u64)(mmio_read(function, PCI_BAR) & ~15u);
    blk->bar = bar;
    bar[BAR_STATUS] = 0;
    bar[BAR_STATUS] = STATUS_ACKNOWLEDGE;
    bar[BAR_STATUS] = STATUS_ACKNOWLEDGE | STATUS_DRIVER;
    mmio_write(bar, BAR_DEVICE_FEATURES_SEL, 1);
    u32 high = mmio_read(bar, BAR_DEVICE_FEATURES);
    mmio_write(bar, BAR_DEVICE_FEATURES_SEL, 0);
    blk->features = blk_features(mmio_read(bar, BAR_DEVICE_FEATURES));
    mmio_write(bar, BAR_DRIVER_FEATURES_SEL, 1);
    mmio_write(bar, BAR_DRIVER_FEATURES, high & VERSION_1_HIGH);
    mmio_write(bar, BAR_DRIVER_FEATURES_SEL, 0);
    mmio_write(bar, BAR_DRIVER_FEATURES, blk->features);
    u8 status = STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK;
    bar[BAR_STATUS] = status;
    if (!(bar[BAR_STATUS] & STATUS_FEATURES_OK)) {
        return -1;
    }
    bar_write16(bar, BAR_QUEUE_SEL, 0);
    if (*(volatile u16 *)(bar + BAR_QUEUE_SIZE) < QUEUE_SIZE) {
        return -1;
    }
    bar_write16(bar, BAR_QUEUE_SIZE, QUEUE_SIZE);
    mmio_write64(bar, BAR_QUEUE_DESC, (u64)&queue->desc);
    mmio_write64(bar, BAR_QUEUE_DRIVER, (u64)&queue->avail);
    mmio_write64(bar, BAR_QUEUE_DEVICE, (u64)&queue->used);
    bar_write16(bar, BAR_QUEUE_ENABLE, 1);
    u8 generation;
    do {
        generation = bar[BAR_GENERATION];
        blk->sectors = mmio_read(bar, BAR_CONFIG) | (u64)mmio_read(bar, BAR_CONFIG + 4) << 32;
    } while (generation != bar[BAR_GENERATION]);
    bar[BAR_STATUS] = status | STATUS_DRIVER_OK;
    return 0;
}

static inline int mmio_start(struct blk *blk, volatile u8 *registers, struct blk_queue *queue) {
    blk->registers = registers;
    mmio_write(registers, MMIO_STATUS, 0);
    mmio_write(registers, MMIO_STATUS, STATUS_ACKNOWLEDGE);
    mmio_write(registers, MMIO_STATUS, STATUS_ACKNOWLEDGE | STATUS_DRIVER);
    mmio_write(registers, MMIO_DEVICE_FEATURES_SEL, 1);
    u32 high = mmio_read(registers, MMIO_DEVICE_FEATURES);
    mmio_write(registers, MMIO_DEVICE_FEATURES_SEL, 0);
    u32 low = mmio_read(registers, MMIO_DEVICE_FEATURES);
    blk->features = blk_features(low);
    mmio_write(registers, MMIO_DRIVER_FEATURES_SEL, 1);
    mmio_write(registers, MMIO_DRIVER_FEATURES, high & VERSION_1_HIGH);
    mmio_write(registers, MMIO_DRIVER_FEATURES_SEL, 0);
    mmio_write(registers, MMIO_DRIVER_FEATURES, blk->features);
    u32 status = STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK;
    mmio_write(registers, MMIO_STATUS, status);
    if (!(mmio_read(registers, MMIO_STATUS) & STATUS_FEATURES_OK)) {
        return -1;
    }
    mmio_write(registers, MMIO_QUEUE_SEL, 0);
    if (mmio_read(registers, MMIO_QUEUE_READY) || mmio_read(registers, MMIO_QUEUE_SIZE_MAX) < QUEUE_SIZE) {
        return -1;
    }
    mmio_write(registers, MMIO_QUEUE_SIZE, QUEUE_SIZE);
    mmio_write64(registers, MMIO_QUEUE_DESC, (u64)&queue->desc);
    mmio_write64(registers, MMIO_QUEUE_DRIVER, (u64)&queue->avail);
    mmio_write64(registers, MMIO_QUEUE_DEVICE, (u64)&queue->used);
    mmio_write(registers, MMIO_QUEUE_READY, 1);
    u32 generation;
    do {
        generation = mmio_read(registers, MMIO_CONFIG_GENERATION);
        blk->sectors = mmio_read(registers, MMIO_CONFIG) | (u64)mmio_read(registers, MMIO_CONFIG + 4) << 32;
    } while (generation != mmio_read(registers, MMIO_CONFIG_GENERATION));
    mmio_write(registers, MMIO_STATUS, status | STATUS_DRIVER_OK);
    return 0;
}

/* Initializes a device (3.1.1): 0, or -1 where it does not agree. */
static inline int blk_start(struct blk *blk, u32 index, struct blk_queue *queue) {
    blk->registers = 0;
    blk->bar = 0;
    blk->queue = queue;
    int result = mmio_is_block(index) ? mmio_start(blk, virtio_slot(index), queue)
                                      : pci_start(blk, pci_function(index), queue);
    blk->read_only = blk->features >> BLK_F_RO & 1;
    return result;
}

static inline void blk_ring(struct blk *blk) {
    if (blk->bar) {
        bar_write16(blk->bar, BAR_NOTIFY, 0);
    } else {
        mmio_write(blk->registers, MMIO_QUEUE_NOTIFY, 0);
    }
}

static inline u32 blk_status(struct blk *blk) {
    return blk->bar ? blk->bar[BAR_STATUS] : mmio_read(blk->registers, MMIO_STATUS);
}

static inline void blk_acknowledge(struct blk *blk) {
    if (blk->bar) {
        (void)blk->bar[BAR_ISR];
    } else {
        mmio_write(blk->registers, MMIO_INTERRUPT_ACK, mmio_read(blk->registers, MMIO_INTERRUPT_STATUS));
    }
}

/* One request, waited for: the device's status byte (0 is well), or -1 where it wants a reset. */
static inline int blk_do(struct blk *blk, u32 type, u64 sector, void *data, u32 length) {
    static struct blk_request request;
    static volatile u8 status;
    struct blk_queue *q = blk->queue;
    request = (struct blk_request){type, 0, sector};
    status = 0xff;
    u16 n = 0;
    q->desc[n].address = (u64)&request;
    q->desc[n].length = sizeof request;
    q->desc[n].flags = DESC_NEXT;
    q->desc[n].next = (u16)(n + 1);
    n++;
    if (length) {
        q->desc[n].address = (u64)data;
        q->desc[n].length = length;
        q->desc[n].flags = (u16)(DESC_NEXT | (type & BLK_T_OUT ? 0 : DESC_WRITE));
        q->desc[n].next = (u16)(n + 1);
        n++;
    }
    q->desc[n].address = (u64)&status;
    q->desc[n].length = 1;
    q->desc[n].flags = DESC_WRITE;
    volatile u16 *avail_index = &q->avail.index;
    volatile u16 *used_index = &q->used.index;
    q->avail.ring[*avail_index % QUEUE_SIZE] = 0;
    __asm__ volatile("" : : : "memory"); /* x86 keeps stores in order; the compiler must too */
    *avail_index = (u16)(*avail_index + 1);
    __asm__ volatile("lock orl $0, (%%rsp)" : : : "memory");
    blk_ring(blk);
    while (*used_index != *avail_index) {
        if (blk_status(blk) & STATUS_NEEDS_RESET) {
            return -1;
        }
    }
    __asm__ volatile("" : : : "memory");
    blk_acknowledge(blk);
    return status;
}

#endif
