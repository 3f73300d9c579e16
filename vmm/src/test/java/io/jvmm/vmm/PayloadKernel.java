package io.jvmm.vmm;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A kernel of a few instructions: an ELF file with one segment at 1 MiB, entered in long mode. It
 * runs on any KVM.
 */
public final class PayloadKernel {
  private static final int CODE_OFFSET = 0x1000;
  private static final long LOAD_ADDRESS = 0x10_0000;
  private static final int SLEEP_CONTROL = 0x600;
  private static final int POWER_OFF = 0x34; // SLP_EN, SLP_TYP 5

  private final ByteArrayOutputStream code = new ByteArrayOutputStream();

  /** No instruction yet. */
  public PayloadKernel() {}

  private PayloadKernel bytes(int... values) {
    for (int value : values) {
      code.write(value);
    }
    return this;
  }

  /** mov dx, port; mov al, value; out dx, al. */
  public PayloadKernel out(int port, int value) {
    return bytes(0x66, 0xBA, port & 0xFF, port >> 8, 0xB0, value, 0xEE);
  }

  /** Writes text to COM1. */
  public PayloadKernel print(String text) {
    for (int i = 0; i < text.length(); i++) {
      out(0x3F8, text.charAt(i));
    }
    return this;
  }

  /** Writes the four bytes at an address to COM1. */
  PayloadKernel printMemory(long gpa) {
    address(gpa).bytes(0x8B, 0x03, 0x66, 0xBA, 0xF8, 0x03); // mov eax, [rbx]; mov dx, 0x3f8
    for (int i = 0; i < 4; i++) {
      bytes(0xEE, 0xC1, 0xE8, 0x08); // out dx, al; shr eax, 8
    }
    return this;
  }

  /** Writes four bytes to an address. */
  PayloadKernel store(long gpa, int value) {
    return address(gpa).bytes(0xC7, 0x03).imm32(value); // mov dword [rbx], value
  }

  private PayloadKernel address(long gpa) {
    return bytes(0xBB).imm32((int) gpa); // mov ebx, gpa
  }

  private PayloadKernel imm32(int value) {
    return bytes(value & 0xFF, value >> 8 & 0xFF, value >> 16 & 0xFF, value >>> 24);
  }

  /** Turns the machine off. */
  public PayloadKernel powerOff() {
    return out(SLEEP_CONTROL, POWER_OFF).loop();
  }

  /** jmp to itself. */
  public PayloadKernel loop() {
    return bytes(0xEB, 0xFE);
  }

  /** ud2 without an IDT. */
  public PayloadKernel tripleFault() {
    return bytes(0x0F, 0x0B);
  }

  /** Reads 1 byte from a port for ever, so that each turn leaves the guest. */
  public PayloadKernel exitForEver() {
    return bytes(0x66, 0xBA, 0xFD, 0x03, 0xEC, 0xEB, 0xFD); // mov dx, 0x3fd; in al, dx; jmp -3
  }

  /** Writes the ELF file. */
  public Path in(Path directory, String name) throws IOException {
    byte[] text = code.toByteArray();
    ByteBuffer elf = ByteBuffer.allocate(CODE_OFFSET + text.length).order(ByteOrder.LITTLE_ENDIAN);
    elf.put(new byte[] {0x7F, 'E', 'L', 'F', 2, 1, 1});
    elf.position(16);
    elf.putShort((short) 2).putShort((short) 62).putInt(1); // ET_EXEC, EM_X86_64
    elf.putLong(LOAD_ADDRESS).putLong(64).putLong(0).putInt(0);
    elf.putShort((short) 64).putShort((short) 56).putShort((short) 1);
    elf.position(64);
    elf.putInt(1).putInt(5).putLong(CODE_OFFSET); // PT_LOAD, R+X
    elf.putLong(LOAD_ADDRESS).putLong(LOAD_ADDRESS);
    elf.putLong(text.length).putLong(text.length).putLong(0x1000);
    elf.position(CODE_OFFSET);
    elf.put(text);
    return Files.write(directory.resolve(name), elf.array());
  }
}
