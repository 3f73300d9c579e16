#!/bin/bash
# `poweroff -f` and `reboot -f`, with one CPU and from the second of two, end the process with status 0
for command in poweroff reboot; do
  for cpus in 1 2; do
    script=$(base64 -w 0 <<< "drain; taskset -c $((cpus - 1)) $command -f")
    boot --kernel "$VMLINUX" --rootfs "$ROOTFS,ro" --quiet --cpus "$cpus" --cmdline "jvmm.run=$script"
    expect_status 0
    expect_not 'jvmm\.exit'
    expect_no_error
  done
done
