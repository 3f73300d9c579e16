/**
 * KVM's ioctls, typed: one class per kind of descriptor ({@link Kvm}, {@link KvmVm}, {@link
 * KvmVcpu}) and {@code kvm_run} as a view.
 */
package io.jvmm.vmm.kvm;
