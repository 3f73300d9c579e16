# The way in: from the 64-bit boot protocol (RSI = zero page) or from PVH (32-bit, EBX = start info) to
# main(zero page or start info), on page tables that map the first 4 GiB to themselves.

        .set    PAGE_PRESENT_WRITABLE, 0x3
        .set    PAGE_LARGE, 0x80
        .set    CR4_PAE, 0x20
        .set    MSR_EFER, 0xc0000080
        .set    EFER_LME, 0x100
        .set    CR0_PG, 0x80000000
        .set    XEN_ELFNOTE_PHYS32_ENTRY, 18

        .section .note.pvh, "a", @note
        .long   4, 4, XEN_ELFNOTE_PHYS32_ENTRY
        .asciz  "Xen"
        .long   start32

        .section .text.start, "ax"
        .globl  start32, start64
        .code64
        # The 64-bit boot protocol. Its page tables need not map the devices, so ours are built here as well.
        # This comes first: a bzImage is entered at its first byte.
start64:
        mov     $stack_top, %esp
        movq    $pdpt + PAGE_PRESENT_WRITABLE, pml4
        mov     $pdpt, %edi
        mov     $pd + PAGE_PRESENT_WRITABLE, %eax
        mov     $4, %ecx
1:      mov     %rax, (%rdi)
        add     $0x1000, %eax
        add     $8, %edi
        dec     %ecx
        jnz     1b
        mov     $pd, %edi
        mov     $PAGE_PRESENT_WRITABLE | PAGE_LARGE, %eax
        mov     $2048, %ecx
2:      mov     %rax, (%rdi)
        add     $0x200000, %rax
        add     $8, %edi
        dec     %ecx
        jnz     2b
        mov     $pml4, %eax
        mov     %rax, %cr3
long_mode:
        mov     %rsi, %rdi
        cld
        call    main
        # A guest that returns turns its machine off.
        mov     $0x600, %edx
        mov     $0x20 | (5 << 2), %al
        out     %al, %dx
3:      hlt
        jmp     3b

        .code32
start32:
        mov     $stack_top, %esp
        # Page tables: one PML4 entry, four PDPT entries, 2048 large pages.
        movl    $pdpt + PAGE_PRESENT_WRITABLE, pml4
        mov     $pdpt, %edi
        mov     $pd + PAGE_PRESENT_WRITABLE, %eax
        mov     $4, %ecx
1:      mov     %eax, (%edi)
        add     $0x1000, %eax
        add     $8, %edi
        dec     %ecx
        jnz     1b
        mov     $pd, %edi
        mov     $PAGE_PRESENT_WRITABLE | PAGE_LARGE, %eax
        mov     $2048, %ecx
2:      mov     %eax, (%edi)
        add     $0x200000, %eax
        add     $8, %edi
        dec     %ecx
        jnz     2b
        mov     $pml4, %eax
        mov     %eax, %cr3
        mov     %cr4, %eax
        or      $CR4_PAE, %eax
        mov     %eax, %cr4
        mov     $MSR_EFER, %ecx
        rdmsr
        or      $EFER_LME, %eax
        wrmsr
        mov     %cr0, %eax
        or      $CR0_PG, %eax
        mov     %eax, %cr0
        lgdt    gdt_pointer
        mov     %ebx, %esi
        ljmp    $0x10, $long_mode

        .section .data
        .balign 8
gdt:    .quad   0
        .quad   0
        .quad   0x00af9b000000ffff              # 0x10: code, 64 bits
        .quad   0x00cf93000000ffff              # 0x18: data
gdt_pointer:
        .word   . - gdt - 1
        .long   gdt

        .section .bss
        .balign 4096
pml4:   .skip   4096
pdpt:   .skip   4096
pd:     .skip   4 * 4096
        .skip   16384
stack_top:

        .section .note.GNU-stack, "", @progbits
