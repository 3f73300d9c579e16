/** Network interfaces of the host. */
package io.jvmm.host.net;
