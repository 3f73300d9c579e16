/* Fills the last disk, has its first half discarded and its third quarter zeroed, and flushes it. */
#include "virtio-blk.h"

enum { SLOTS = 17, BLOCK = 4096 };

static struct blk_queue queue;
static u8 buffer[BLOCK] __attribute__((aligned(BLOCK)));
static struct blk_range range;

static void fail(const char *what) {
    print("failed: ");
    print(what);
    print("\n");
    power_off();
}

static void fill(u8 value) {
    for (u32 i = 0; i < BLOCK; i++) {
        buffer[i] = value;
    }
}

static int is_filled(u8 value) {
    for (u32 i = 0; i < BLOCK; i++) {
        if (buffer[i] != value) {
            return 0;
        }
    }
    return 1;
}

void main(const u8 *boot_info) {
    (void)boot_info;
    u32 last = SLOTS;
    for (u32 slot = 0; slot < SLOTS && virtio_is_block(slot); slot++) {
        last = slot;
    }
    struct blk blk;
    if (last == SLOTS || blk_start(&blk, last, &queue)) {
        fail("no disk");
    }
    if (!(blk.features >> BLK_F_DISCARD & 1) || !(blk.features >> BLK_F_WRITE_ZEROES & 1)) {
        fail("the disk takes nothing back");
    }
    u64 blocks = blk.sectors * SECTOR / BLOCK;
    fill(0xa5);
    for (u64 block = 0; block < blocks; block++) {
        if (blk_do(&blk, BLK_T_OUT, block * BLOCK / SECTOR, buffer, BLOCK)) {
            fail("write");
        }
    }
    u32 quarter = (u32)(blk.sectors / 4);
    range = (struct blk_range){0, 2 * quarter, 0};
    if (blk_do(&blk, BLK_T_DISCARD, 0, &range, sizeof range)) {
        fail("discard");
    }
    range = (struct blk_range){2 * quarter, quarter, 0};
    if (blk_do(&blk, BLK_T_WRITE_ZEROES, 0, &range, sizeof range)) {
        fail("write zeroes");
    }
    range = (struct blk_range){blk.sectors - 1, 2, 0};
    if (!blk_do(&blk, BLK_T_DISCARD, 0, &range, sizeof range)) {
        fail("a discard beyond the end was taken");
    }
    if (blk_do(&blk, BLK_T_FLUSH, 0, 0, 0)) {
        fail("flush");
    }
    for (u64 block = 0; block < blocks; block++) {
        if (blk_do(&blk, BLK_T_IN, block * BLOCK / SECTOR, buffer, BLOCK)) {
            fail("read");
        }
        if (block >= blocks / 2 && !is_filled(block < blocks / 4 * 3 ? 0 : 0xa5)) {
            fail("read back something else");
        }
    }
    print("space is given back, blocks: ");
    print_number(blocks);
    print("\n");
    power_off();
}
