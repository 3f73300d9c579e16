/** A tree of files below one directory: calls that leave it nowhere, and act on what was opened. */
package io.jvmm.host.tree;
