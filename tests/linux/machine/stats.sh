#!/bin/bash
# --stats tells when what was reached, exits, disk counters and memory, as text and as JSON; --timeline draws it
boot --kernel "$VMLINUX" --rootfs "$ROOTFS,ro" --cpus 2 --quiet --cmdline jvmm.poweroff --stats=json --timeline "$WORK/boot.svg"
expect_status 0
[ "$(wc -l < "$WORK/err")" = 1 ] || die "not one line of JSON"
expect_error '"cpus":2,"memoryBytes":268435456,"execSource":"launcher"'
for phase in vmCreated memoryMapped devicesAttached kernelLoaded vcpusCreated; do
  expect_error "\"$phase\":[0-9]+\.[0-9]+"
done
previous=-1
for phase in exec main firstRun init end; do
  at=$(grep -oE "\"$phase\":[0-9]+" "$WORK/err") || die "no time of $phase"
  at=${at#*:}
  [ "$at" -ge $previous ] || die "$phase is before what comes before it"
  previous=$at
done
# Which of the CPUs finds the disk is the kernel's affair.
exits='\{"total":[1-9][0-9]*,"portReads":[0-9]+,"portWrites":[0-9]+,"mmioReads":[0-9]+,"mmioWrites":[0-9]+,"interrupted":[0-9]+\}'
expect_error "\"exits\":\[$exits,$exits\]"
expect_error '"mmioReads":[1-9]'
expect_error '"portWrites":[1-9]'
expect_error '"read.requests":[1-9][0-9]*,"read.bytes":[1-9][0-9]*,"write.requests":0,"write.bytes":0,'
expect_error '"when":"init","rss":[1-9][0-9]*,"pss":[1-9][0-9]*,"privateDirty":[1-9][0-9]*'

# Tags, attributes and entities of the picture, each element closed in its order.
perl -0777 -ne '
  my ($text, @open, $roots) = ($_);
  $text =~ s/\A<\?xml[^?]*\?>//;
  while ($text =~ /\G((?:[^<&]|&(?:lt|gt|amp|quot|apos|#\d+|#x[0-9a-fA-F]+);)*)(?:<(\/?)([\w:.-]+)((?:\s+[\w:.-]+="(?:[^"<&]|&[a-z#0-9]+;)*")*)\s*(\/?)>|\z)/gc) {
    my ($words, $close, $name, $empty) = ($1, $2, $3, $5);
    die "words outside\n" if !@open && $words =~ /\S/;
    last if !defined $name;
    if ($close) { (pop @open // "") eq $name or die "</$name> closes something else\n"; next }
    $roots++ if !@open;
    push @open, $name if !$empty;
  }
  die "ends or breaks at byte " . (pos($text) // 0) . "\n" if @open || ($roots // 0) != 1 || pos($text) < length $text;
' "$WORK/boot.svg" || die "the picture is not well-formed: $(cat "$WORK/boot.svg")"
for words in '<svg ' 'first guest instruction' 'init runs'; do
  grep -qF "$words" "$WORK/boot.svg" || die "the picture has no '$words'"
done

boot --kernel "$VMLINUX" --rootfs "$ROOTFS,ro" --quiet --cmdline jvmm.poweroff --stats
expect_status 0
for line in 'the JVM is up' 'guest memory mapped' 'vCPUs made' 'first guest instruction' "guest's init runs" 'guest ended' \
  'exits to jvmm' 'vCPU 0' 'read\.requests' 'memory less guest RAM, as the guest.s init began' 'resident' 'proportional' 'private dirty'; do
  expect_error "$line"
done
