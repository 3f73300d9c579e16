/**
 * A 16550A and what is at the other end of its wire.
 *
 * <pre>
 *  vCPU threads           |          io thread
 *  {@link io.jvmm.devices.serial.Serial}  --- output ring --->  ConsoleOutput ---> terminal, pipe, file
 *  (registers)  <--- input ring ---   ConsoleInput  <--- terminal, pipe, file
 *               {@link io.jvmm.devices.serial.SerialLine}         {@link io.jvmm.devices.serial.SerialConsole}
 * </pre>
 */
package io.jvmm.devices.serial;
