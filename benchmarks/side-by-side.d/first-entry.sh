# When a VM is first entered, by the kernel's own trace, on the same clock and in the same way for every monitor.
# shellcheck shell=bash

tracing=/sys/kernel/tracing

can_trace() {
  [ -d $tracing/events ] || mount -t tracefs tracefs $tracing 2> /dev/null || true
  [ -w $tracing/events/kvm/kvm_entry/enable ] && echo mono > $tracing/trace_clock
}

arm_first_entry() { # until the first exit, which switches the probe off, so that it costs the guest nothing
  echo 0 > $tracing/events/kvm/kvm_entry/enable
  echo '!disable_event:kvm:kvm_entry:1' > $tracing/events/kvm/kvm_exit/trigger 2> /dev/null || true
  echo > $tracing/trace
  echo 'disable_event:kvm:kvm_entry:1' > $tracing/events/kvm/kvm_exit/trigger
  echo 1 > $tracing/events/kvm/kvm_entry/enable
}

first_entry() { # prints its time in microseconds, as CLOCK_MONOTONIC has it
  awk '/kvm_entry:/ {for (i = 1; i <= NF; i++) if ($i == "kvm_entry:") {sub(":", "", $(i - 1)); printf "%.0f\n", $(i - 1) * 1000000; exit}}' $tracing/trace
}
