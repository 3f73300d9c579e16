/** What a kernel is handed in memory, as pure functions from numbers to bytes. */
package io.jvmm.boot.tables;
