/** The PVH way into a kernel (Xen, docs/misc/pvh.pandoc). */
package io.jvmm.boot.pvh;
