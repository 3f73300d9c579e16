# Wraps a flat payload into a bzImage (Documentation/x86/boot.rst, protocol 2.15): a boot sector with the setup
# header, one sector of setup code that nobody runs, and the code, whose 64-bit entry is 0x200 bytes in.
        .set    XLF_KERNEL_64, 1
        .set    LOADED_HIGH, 1

        .section .text
        .org    0x1f1
        .byte   1                               # setup_sects
        .word   0                               # root_flags
        .long   (end - code + 15) / 16          # syssize
        .word   0, 0, 0                         # ram_size vid_mode root_dev
        .word   0xaa55                          # boot_flag
        .byte   0xeb, header_end - header       # jump
header: .ascii  "HdrS"
        .word   0x020f                          # version
        .long   0                               # realmode_swtch
        .word   0, 0                            # start_sys_seg kernel_version
        .byte   0, LOADED_HIGH                  # type_of_loader loadflags
        .word   0                               # setup_move_size
        .long   0x100000                        # code32_start
        .long   0, 0, 0                         # ramdisk_image ramdisk_size bootsect_kludge
        .word   0                               # heap_end_ptr
        .byte   0, 0                            # ext_loader_ver ext_loader_type
        .long   0                               # cmd_line_ptr
        .long   0x7fffffff                      # initrd_addr_max
        .long   0x200000                        # kernel_alignment
        .byte   0, 21                           # relocatable_kernel min_alignment
        .word   XLF_KERNEL_64                   # xloadflags
        .long   2047                            # cmdline_size
        .long   0                               # hardware_subarch
        .quad   0                               # hardware_subarch_data
        .long   0, 0                            # payload_offset payload_length
        .quad   0                               # setup_data
        .quad   0x200000                        # pref_address
        .long   0x200000                        # init_size
        .long   0                               # handover_offset
header_end:
        .org    0x400
code:   .skip   0x200
        .incbin "payload.bin"
        .balign 16
end:
        .section .note.GNU-stack, "", @progbits
