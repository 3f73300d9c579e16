#!/bin/bash
# An ELF kernel is entered by Linux's 64-bit protocol and by PVH, as --entry says
# The kernel tells who loaded it: 255 is a loader without a number, 176 (0xb0) is what PVH's entry writes down.
for entry in linux=255 pvh=176; do
  run_in_guest --entry "${entry%=*}" <<'GUEST'
echo loader=$(cat /proc/sys/kernel/bootloader_type)
GUEST
  expect "^loader=${entry#*=}$"
  expect_no_error
done
