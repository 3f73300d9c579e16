#!/bin/bash
# --stats counts what the guest's kernel counts of a disk, and gives latencies of its queues
truncate -s 16M "$WORK/data"
run_in_guest --cpus 2 --disk "$WORK/data" --stats=json <<'GUEST'
dd if=/dev/vdb of=/dev/null bs=4k count=400 iflag=direct 2>&1
dd if=/dev/zero of=/dev/vdb bs=64k count=100 oflag=direct conv=fsync 2>&1
echo vdb: $(cat /sys/block/vdb/stat)
GUEST
SAYS=$(sed -n 's/^vdb: //p' "$WORK/out") perl -ne '
  next unless /^\{/;
  my ($disk) = m{("name":"disk [^"]*/data".*?"queues":\[.*?\]\})} or die "no such disk\n";
  my %is = map { $_ => $disk =~ /"\Q$_\E":(\d+)/ ? $1 : die "no $_\n" }
    qw(read.requests read.bytes write.requests write.bytes flush.requests error.requests);
  my @says = split " ", $ENV{SAYS};
  # The kernel counts a flush among the writes as well.
  my %says = ("read.requests" => $says[0], "read.bytes" => $says[2] * 512, "write.requests" => $says[4] - $says[15],
    "write.bytes" => $says[6] * 512, "flush.requests" => $says[15], "error.requests" => 0);
  for (sort keys %says) { $is{$_} == $says{$_} or die "$_: $is{$_}, and the guest says $says{$_}\n" }
  my ($requests, $bytes, $count) = (0, 0, 0);
  while ($disk =~ /"requests":(\d+),"bytes":(\d+),"errors":0,.*?"latencyNanos":\{"count":(\d+),"p50":(\d+),"p90":(\d+),"p99":(\d+),"p99\.9":(\d+),"max":(\d+)\}/g) {
    $requests += $1; $bytes += $2; $count += $3;
    $4 <= $5 && $5 <= $6 && $6 <= $7 && $7 <= $8 or die "percentiles are in no order\n";
  }
  $count == $requests && $requests >= $is{"read.requests"} + $is{"write.requests"} + $is{"flush.requests"}
    or die "$requests requests in the queues, $count latencies\n";
  $bytes >= $is{"read.bytes"} + $is{"write.bytes"} or die "$bytes bytes in the queues\n";
  print "counts agree\n";
' "$WORK/err" > "$WORK/agreed" || die "the counts do not agree"
grep -qx 'counts agree' "$WORK/agreed" || die "no line of JSON"
