# Another kernel's KVM
image=5.10-cloud-qemu
cpus=1
l1_cpus=1
