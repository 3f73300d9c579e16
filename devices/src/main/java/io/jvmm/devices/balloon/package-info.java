/**
 * The virtio memory balloon (virtio 1.2, 5.5): memory that the guest does not need goes back to the
 * host, whether the host asks for it (inflating) or the guest tells of free pages by itself
 * (reporting). {@link io.jvmm.devices.balloon.Balloon} is the device.
 *
 * <p>Pages that were given back cost the host nothing until the guest touches them again; what is
 * in them then is zero, or what the kernel's file has there where the kernel was mapped from it.
 * The guest expects nothing of them in either case: VIRTIO_BALLOON_F_PAGE_POISON is not offered, so
 * a kernel that needs free pages to keep their content reports none.
 */
package io.jvmm.devices.balloon;
