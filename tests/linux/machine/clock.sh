#!/bin/bash
# The guest's clock is kvmclock, and it shows the host's time
begin=$(date +%s)
run_in_guest <<'GUEST'
cd /sys/devices/system/clocksource/clocksource0
echo clocksource=$(cat current_clocksource)
echo available=$(cat available_clocksource)
echo now=$(date +%s)
GUEST
end=$(date +%s)
expect '^clocksource=kvm-clock$'
now=$(sed -n 's/^now=//p' "$WORK/out")
[ "$now" -ge $((begin - 1)) ] && [ "$now" -le $((end + 1)) ] || die "the guest says $now, not $begin to $end"
expect_no_error
