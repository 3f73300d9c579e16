/**
 * {@code jvmm doctor}: what this host can do, by trying, and what to do about what it cannot. Start
 * with {@link Doctor}.
 */
@NullMarked
package io.jvmm.vmm.cli.doctor;

import org.jspecify.annotations.NullMarked;
