package io.jvmm.boot.acpi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jvmm.boot.MachineLayout;
import io.jvmm.boot.VirtioMmioSlot;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ACPICA's compiler as a second reader of our tables: what it prints is what they say. */
class IaslTest {
  private static final int GPA = (int) MachineLayout.ACPI_TABLES;

  @TempDir Path directory;

  @BeforeEach
  void needIasl() {
    boolean found = false;
    for (String folder : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
      found |= Files.isExecutable(Path.of(folder, "iasl"));
    }
    assumeTrue(found, "iasl is not installed (package acpica-tools)");
  }

  @Test
  void theDsdtReadsAsItWasMeant() throws Exception {
    String asl =
        disassemble("DSDT", 3).replaceAll("/\\*.*?\\*/|//[^\n]*", "").replaceAll("\\s+", "");

    assertContains(asl, "Name(\\_S5,Package(0x04){0x05,Zero,Zero,Zero})");
    assertContains(
        asl,
        "Device(COM1){Name(_HID,EisaId(\"PNP0501\"))Name(_UID,Zero)Name(_CRS,ResourceTemplate(){"
            + "IO(Decode16,0x03F8,0x03F8,0x01,0x08,)"
            + "Interrupt(ResourceConsumer,Edge,ActiveHigh,Exclusive,,,){0x00000004,}})}");
    assertContains(
        asl,
        "Device(RTC){Name(_HID,EisaId(\"PNP0B00\"))Name(_CRS,ResourceTemplate(){"
            + "IO(Decode16,0x0070,0x0070,0x01,0x02,)"
            + "Interrupt(ResourceConsumer,Edge,ActiveHigh,Exclusive,,,){0x00000008,}})}");
    assertContains(
        asl,
        "Device(PEVT){Name(_HID,\"QEMU0001\")Name(_STA,0x0B)Name(_CRS,ResourceTemplate(){"
            + "IO(Decode16,0x0505,0x0505,0x01,0x01,)})}");
    assertContains(asl, "Device(PWRB){Name(_HID,EisaId(\"PNP0C0C\"))Name(_UID,Zero)}");
    assertContains(
        asl,
        "Interrupt(ResourceConsumer,Edge,ActiveHigh,Exclusive,,,){0x00000009,}})"
            + "Method(_EVT,1,Serialized){Notify(\\_SB.PWRB,0x80)}}");
    assertContains(
        asl,
        "Device(VR02){Name(_HID,\"LNRO0005\")Name(_UID,0x02)Name(_CRS,ResourceTemplate(){"
            + "Memory32Fixed(ReadWrite,0xD0002000,0x00001000,)"
            + "Interrupt(ResourceConsumer,Edge,ActiveHigh,Exclusive,,,){0x00000007,}})}");
  }

  @Test
  void theLargestDsdtIsReadToItsEndAndCompilesAgain() throws Exception {
    String asl = disassemble("DSDT", MachineLayout.VIRTIO_DEVICES_MAX);

    assertContains(asl, "Device (VR16)");
    String log =
        iasl("-p", directory.resolve("again").toString(), directory.resolve("DSDT.dsl").toString());
    assertContains(log, "0 Errors");
  }

  @Test
  void theFadtReadsAsItWasMeant() throws Exception {
    String text = disassemble("FACP", 0);

    assertContains(text, "Hardware Reduced (V5) : 1");
    assertContains(text, "Reset Register Supported (V2) : 1");
    assertContains(text, "CMOS RTC Not Present (V5) : 0");
    assertContains(text, "VGA Not Present (V4) : 1");
    assertContains(text, "8042 Present on ports 60/64 (V2) : 0");
    assertContains(text, "Value to cause reset : FE");
    assertContains(text, "Sleep Control Register : [Generic Address Structure]");
    assertContains(text, "Address : 0000000000000600");
  }

  @Test
  void theMadtReadsAsItWasMeant() throws Exception {
    String text = disassemble("APIC", 0);

    assertEquals(3, text.split("Processor Enabled : 1", -1).length);
    assertContains(text, "[I/O APIC]");
    assertContains(text, "Address : FEC00000");
    assertContains(text, "Interrupt Input LINT : 01");
  }

  @Test
  void thePciBusReadsAsItWasMeant() throws Exception {
    String asl =
        disassemble("DSDT", 0).replaceAll("/\\*.*?\\*/|//[^\n]*", "").replaceAll("\\s+", "");

    assertContains(
        asl,
        "Device(PCI0){Name(_HID,EisaId(\"PNP0A03\"))Name(_UID,Zero)Name(_SEG,Zero)Name(_BBN,Zero)"
            + "Name(_CRS,ResourceTemplate(){"
            + "WordBusNumber(ResourceProducer,MinFixed,MaxFixed,PosDecode,"
            + "0x0000,0x0000,0x0000,0x0000,0x0001,,,)"
            + "DWordMemory(ResourceProducer,PosDecode,MinFixed,MaxFixed,NonCacheable,ReadWrite,"
            + "0x00000000,0xD1000000,0xD1FFFFFF,0x00000000,0x01000000,,,,AddressRangeMemory,"
            + "TypeStatic)})}");
    assertContains(
        asl,
        "Device(MBRD){Name(_HID,EisaId(\"PNP0C02\"))Name(_UID,Zero)Name(_CRS,ResourceTemplate(){"
            + "Memory32Fixed(ReadWrite,0xD0100000,0x00100000,)})}");
    String mcfg = disassemble("MCFG", 0);
    assertContains(mcfg, "Base Address : 00000000D0100000");
    assertContains(mcfg, "Start Bus Number : 00");
    assertContains(mcfg, "End Bus Number : 00");
  }

  private String disassemble(String signature, int devices) throws Exception {
    List<VirtioMmioSlot> slots = new ArrayList<>();
    for (int i = 0; i < devices; i++) {
      slots.add(
          new VirtioMmioSlot(MachineLayout.virtioMmioAddress(i), MachineLayout.virtioMmioGsi(i)));
    }
    byte[] all = AcpiTables.bytes(GPA, 2, slots, true);
    Path table = directory.resolve(signature + ".aml");
    int at = new String(all, StandardCharsets.ISO_8859_1).indexOf(signature);
    int length = ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN).getInt(at + 4);
    Files.write(table, Arrays.copyOfRange(all, at, at + length));
    String log = iasl("-d", table.toString());
    assertFalse(log.toLowerCase(java.util.Locale.ROOT).contains("warning"), log);
    assertFalse(log.toLowerCase(java.util.Locale.ROOT).contains("checksum"), log);
    return Files.readString(directory.resolve(signature + ".dsl"));
  }

  private String iasl(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("iasl"));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true).start();
    String log = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), log);
    return log;
  }

  private static void assertContains(String text, String part) {
    assertTrue(text.contains(part), () -> "no " + part + " in\n" + text);
  }
}
