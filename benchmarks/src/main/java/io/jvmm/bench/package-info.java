/**
 * JMH suites. Each runs under the compilers that ship and under C1 alone, beside a baseline of its
 * own class; {@code benchmarks/jmh} starts them.
 */
package io.jvmm.bench;
