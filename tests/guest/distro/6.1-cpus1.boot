# Debian's generic kernel
image=6.1
cpus=1
