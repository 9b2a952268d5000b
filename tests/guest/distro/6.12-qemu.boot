# Another kernel's KVM
image=6.12-cloud-qemu
cpus=1
l1_cpus=1
