# Debian's QEMU with -accel kvm -cpu host, and the same kernel in its guest
image=6.1-cloud-qemu
cpus=1
l1_cpus=1
