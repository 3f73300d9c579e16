package io.jvmm.vmm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.vmm.DiskConfig;
import io.jvmm.vmm.MachineConfigException;
import io.jvmm.vmm.RateLimit;
import io.jvmm.vmm.json.JsonException;
import io.jvmm.vmm.json.JsonReader;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DiskTextTest {
  private static DiskConfig parse(String text) {
    return DiskText.parse(text, "--disk");
  }

  @Test
  void everyOptionReachesTheDisk() {
    assertEquals(
        new DiskConfig(
            "d.img",
            true,
            DiskConfig.Format.QCOW2,
            "/images",
            true,
            DiskConfig.Aio.AUTO,
            DiskConfig.Cache.WRITETHROUGH,
            4,
            new RateLimit(500, 50, 10L << 20, 4096),
            "my-disk"),
        parse(
            "d.img,ro,backing=/images,format=qcow2,direct,aio=io_uring,cache=writethrough,queues=4,iops=500,bps=10M,"
                + "iops-burst=50,bps-burst=4096,id=my-disk"));
    assertEquals(parse("a"), parse("a,rw,format=raw,cache=writeback,iops=0,bps=0"));
  }

  @Test
  void aRawDiskCanBeWorkedByThreads() {
    assertEquals(DiskConfig.Aio.THREADS, parse("d.img,aio=threads").aio());
    for (String other :
        new String[] {"nbd://host/disk,aio=threads", "a,aio=threads,format=qcow2"}) {
      assertTrue(
          assertThrows(MachineConfigException.class, () -> parse(other))
              .toString()
              .contains("aio is for raw files"));
    }
  }

  @Test
  void onlyAQcow2ImageHasBackingFiles() {
    assertTrue(
        assertThrows(MachineConfigException.class, () -> parse("d.img,backing=/images"))
            .toString()
            .contains("backing is for format=qcow2"));
  }

  @Test
  void aPathAloneIsARawWritableDiskWithoutLimits() {
    DiskConfig disk = parse("d.img");
    assertFalse(disk.readOnly());
    assertEquals(DiskConfig.Format.RAW, disk.format());
    assertEquals(DiskConfig.Cache.WRITEBACK, disk.cache());
    assertEquals(0, disk.queues());
    assertFalse(disk.rate().isLimited());
    assertFalse(disk.isNetwork());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a,b.img       | a,b.img | false",
        "a,b.img,ro    | a,b.img | true",
        "a,ro.img      | a,ro.img | false",
        "a=b           | a=b | false",
        "a,2           | a,2 | false",
        "a,/b          | a,/b | false",
        "a,ro,         | a,ro | false",
        "a,ro,,ro      | a,ro | true",
        "a,,,rw        | a, | false",
        "a,x=y,        | a,x=y | false",
      })
  void aPathMayHaveCommas(String text, String path, boolean readOnly) {
    assertEquals(DiskConfig.of(path, readOnly), parse(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nbd://host/export",
        "nbd://host:10809/",
        "nbds://host/e",
        "nbd+unix:///e?socket=/run/nbd.sock",
        "nbds+unix:///e?socket=/run/nbd.sock"
      })
  void aUriIsANetworkDisk(String uri) {
    assertTrue(parse(uri).isNetwork());
    assertEquals(DiskConfig.of(uri, true), parse(uri + ",ro"));
    assertThrows(MachineConfigException.class, () -> parse(uri + ",direct"));
    assertThrows(MachineConfigException.class, () -> parse(uri + ",format=qcow2"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''            | --disk: no path in ''",
        ",ro           | --disk: no path in ',ro'",
        ",             | --disk: no path in ','",
        "a,readonly    | --disk: unknown option 'readonly' in 'a,readonly' (if it is part of the"
            + " path, add a comma)",
        "a,b=c,ro      | --disk: unknown option 'b' in 'a,b=c,ro' (if it is part of the path, add"
            + " a comma)",
        "a,ro,ro       | --disk: ro is given twice, or with its opposite",
        "a,ro,rw       | --disk: rw is given twice, or with its opposite",
        "a,iops=1,iops=2 | --disk: iops is given twice, or with its opposite",
        "a,ro=1        | --disk: ro takes no value",
        "a,format      | --disk: format needs a value: format=...",
        "a,format=auto | --disk: format: 'auto' is not raw or qcow2",
        "a,format=     | --disk: format: '' is not raw or qcow2",
        "a,cache=none  | --disk: cache: 'none' is not writeback or writethrough",
        "a,queues=x    | --disk: queues: 'x' is not a number",
        "a,queues=0    | --disk: queues: 0 is not between 1 and 16",
        "a,queues=17   | --disk: queues: 17 is not between 1 and 16",
        "a,queues=4294967297 | --disk: queues: 4294967297 is not between 1 and 16",
        "a,iops=-1     | --disk: iops: -1 is not between 0 and 1000000000",
        "a,iops=99999999999999999999 | --disk: iops: '99999999999999999999' is not a number",
        "a,iops-burst=5 | --disk: iops-burst: needs iops",
        "a,bps-burst=5 | --disk: bps-burst: needs bps",
        "a,bps=2T      | --disk: bps: 2199023255552 is not between 0 and 1099511627776",
        "a,bps=fast    | --disk: bps: 'fast' is not a size; write a whole number with K, M or G,"
            + " as 512M",
      })
  void whatCannotBeReadIsNamed(String text, String error) {
    UsageException e = assertThrows(UsageException.class, () -> parse(text));
    assertEquals(error, e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"a,id=123456789012345678901", "a,id=a b", "a,id=é"})
  void anIdIsTwentyPrintableCharacters(String text) {
    assertThrows(MachineConfigException.class, () -> parse(text));
  }

  @Test
  void anObjectOfAConfigurationFileSaysTheSame() {
    assertEquals(
        parse("a,ro,ro,,ro,iops=500,id=x,bps=1M"),
        object(
            "{\"path\": \"a,ro,ro\", \"ro\": true, \"direct\": false, \"iops\": 500, \"id\": \"x\","
                + " \"bps\": \"1M\"}"));
    assertEquals(parse("a"), object("{\"path\": \"a\"}"));
    assertEquals(parse("a,ro"), object("\"a,ro\""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"path\": \"\"}",
        "{\"path\": \"a\", \"path\": \"b\"}",
        "{\"path\": \"a\", \"path,x\": true}",
        "{\"path\": \"a\", \"id\": \"x,ro\"}",
        "{\"path\": \"a\", \"readonly\": true}",
        "{\"path\": \"a\", \"Ro\": true}",
        "{\"path\": \"a\", \"ro\": true, \"rw\": true}",
        "{\"path\": \"a\", \"ro\": null}",
        "{\"path\": \"a\", \"iops\": 1.5}"
      })
  void anObjectThatMakesNoSenseIsRefused(String json) {
    RuntimeException e = assertThrows(RuntimeException.class, () -> object(json));
    assertTrue(e instanceof UsageException || e instanceof JsonException, e::toString);
  }

  private static DiskConfig object(String json) {
    JsonReader reader = JsonReader.of("vm.json", json.getBytes(StandardCharsets.UTF_8));
    return DiskText.parse(DiskObject.read(reader), "vm.json");
  }

  @Test
  void noTextIsMoreThanAnError() {
    Random random = new Random(7);
    String[] words = {
      "a", ",", "=", "ro", "rw", "format=", "qcow2", "iops=", "1", "bps", "-", "id=", "nbd://", "é"
    };
    for (int round = 0; round < 20_000; round++) {
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(8); i >= 0; i--) {
        text.append(words[random.nextInt(words.length)]);
      }
      try {
        assertFalse(parse(text.toString()).source().isEmpty());
      } catch (UsageException | MachineConfigException e) {
        assertTrue(e.toString().contains(": "), e::toString);
      }
    }
  }
}
