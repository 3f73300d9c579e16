# A guest that needs no operating system, for hosts whose KVM cannot run one: writes one byte to COM1 and asks the
# keyboard controller for a reset. The bytes mean the same in 32-bit and in 64-bit mode, so it may be entered by PVH as
# well as by the 64-bit boot protocol.
        .code32
        .section .text, "ax"
        .globl _start
_start: movw $0x3f8, %dx
        movb $'!', %al
        outb %al, %dx
        movb $0xfe, %al
        outb %al, $0x64
1:      hlt
        jmp 1b

        .section .note.pvh, "a", @note
        .long 4, 4, 18                  # name size, descriptor size, XEN_ELFNOTE_PHYS32_ENTRY
        .asciz "Xen"
        .long _start
