/** Programs that run beside this process. */
package io.jvmm.host.process;
