#!/bin/bash
# Read and write errors of the device below reach the guest as such, at the place they are, and the machine goes on
# Past the page cache (vdc) a write that fails is a write that fails. In it (vdb) a flush tells of the loss, and nobody
# knows whose data it was: no later flush may say that all is well.
. "$ROOT/tests/linux/device-mapper.sh"
truncate -s 8M "$WORK/below"
attach_loop "$WORK/below"
below=$device
# 4 MiB that work, 64 KiB that do not, and the rest again.
map_device bad error << TABLE
0 8192 linear $below 0
8192 128 error
8320 8064 linear $below 8320
TABLE
cached=$device
truncate -s 8M "$WORK/below-direct"
attach_loop "$WORK/below-direct"
below=$device
map_device bad-direct error << TABLE
0 8192 linear $below 0
8192 128 error
8320 8064 linear $below 8320
TABLE
run_in_guest --disk "$cached" --disk "$device,direct" --stats=json <<'GUEST'
try() { "$@" > /run/log 2>&1 && echo yes || { echo no: $(grep -v records /run/log); }; }
echo read before: $(try dd if=/dev/vdb of=/dev/null bs=4k count=1024)
echo read bad: $(try dd if=/dev/vdb of=/dev/null bs=4k count=1 skip=1024)
echo read bad direct: $(try dd if=/dev/vdb of=/dev/null bs=64k count=1 skip=64 iflag=direct)
echo read after: $(try dd if=/dev/vdb of=/dev/null bs=4k skip=1040)
echo write good: $(try dd if=/dev/zero of=/dev/vdb bs=4k count=1 conv=fsync)
echo write bad: $(try dd if=/dev/zero of=/dev/vdb bs=4k count=16 seek=1024 conv=fsync)
echo flush after the loss: $(try dd if=/dev/zero of=/dev/vdb bs=4k count=1 conv=fsync)
echo read after the loss: $(try dd if=/dev/vdb of=/dev/null bs=4k count=1024 iflag=direct)
echo direct write good: $(try dd if=/dev/zero of=/dev/vdc bs=4k count=1 conv=fsync)
echo direct write bad: $(try dd if=/dev/zero of=/dev/vdc bs=4k count=16 seek=1024 conv=fsync)
echo direct write good again: $(try dd if=/dev/zero of=/dev/vdc bs=4k count=1 conv=fsync)
GUEST
expect '^read before: yes$'
expect '^read bad: no: .*[Ii](nput/output|/O) error'
expect '^read bad direct: no: .*[Ii](nput/output|/O) error'
expect '^read after: yes$'
expect '^write good: yes$'
expect '^write bad: no: .*[Ii](nput/output|/O) error'
expect '^flush after the loss: no: .*[Ii](nput/output|/O) error'
expect '^read after the loss: yes$'
expect '^direct write good: yes$'
expect '^direct write bad: no: .*[Ii](nput/output|/O) error'
expect '^direct write good again: yes$'
expect_error '"error.requests":[1-9]'
