# A guest of two CPUs: interrupts between them are posted
image=6.1-cloud-qemu
cpus=2
l1_cpus=2
