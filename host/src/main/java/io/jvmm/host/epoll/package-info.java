/** Waiting for many descriptors. */
package io.jvmm.host.epoll;
