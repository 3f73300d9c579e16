/* Writes a pattern over the last disk, flushes it and reads it back. */
#include "virtio-blk.h"

enum { SLOTS = 17, BLOCK = 4096 };

static struct blk_queue queue;
static u8 buffer[BLOCK] __attribute__((aligned(BLOCK)));

static void fail(const char *what) {
    print("failed: ");
    print(what);
    print("\n");
    power_off();
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
    u64 blocks = blk.sectors * SECTOR / BLOCK;
    if (!blk.read_only) {
        for (u64 block = 0; block < blocks; block++) {
            for (u32 i = 0; i < BLOCK; i += 8) {
                *(u64 *)(buffer + i) = block << 32 | i;
            }
            if (blk_do(&blk, BLK_T_OUT, block * BLOCK / SECTOR, buffer, BLOCK)) {
                fail("write");
            }
        }
        if (blk_do(&blk, BLK_T_FLUSH, 0, 0, 0)) {
            fail("flush");
        }
    } else if (!blk_do(&blk, BLK_T_OUT, 0, buffer, BLOCK)) {
        fail("a read-only disk took a write");
    }
    for (u64 block = 0; block < blocks; block++) {
        if (blk_do(&blk, BLK_T_IN, block * BLOCK / SECTOR, buffer, BLOCK)) {
            fail("read");
        }
        for (u32 i = 0; i < BLOCK; i += 8) {
            if (*(u64 *)(buffer + i) != (block << 32 | i)) {
                fail("read back something else");
            }
        }
    }
    print("disk is good, blocks: ");
    print_number(blocks);
    print("\n");
    power_off();
}
