/** Who answers a guest's access to a port or to an address outside RAM. */
package io.jvmm.vmm.bus;
